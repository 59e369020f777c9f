using Savepoint.Protocol.Duplex;
using Savepoint.Hosting.Routing;
using Savepoint.Server.Forwarding;
using Savepoint.Server.Hosting;
using Savepoint.Streams;
using Savepoint.Streams.Errors;

namespace Savepoint.Server.Streaming;

/// <summary><c>/stream</c>: the stream protocol over WebSockets.</summary>
internal static class StreamEndpoint
{
    public static void MapSavepointStream(this IEndpointRouteBuilder routes) => routes.Map(WebSocketDuplex.Path, ServeAsync).RouteToOwner();

    private static async Task ServeAsync(HttpContext context, StreamServer streams, StreamOptions options, EngineHost engine)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(context, StatusCodes.Status426UpgradeRequired, "This is a WebSocket endpoint.");
            return;
        }

        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(WebSocketDuplex.SubProtocol, StringComparer.Ordinal))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"The sub-protocol has to be {WebSocketDuplex.SubProtocol}.");
            return;
        }

        if (engine.State != EngineState.Ready)
        {
            context.Response.Headers.RetryAfter = "1";
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, RequestErrors.NotReady().Message);
            return;
        }

        var socket = await context.WebSockets.AcceptWebSocketAsync(WebSocketDuplex.SubProtocol);
        await streams.RunAsync(new WebSocketDuplex(socket, options.MaxFrameBytes), context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(message, context.RequestAborted);
    }
}
