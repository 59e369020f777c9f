using Savepoint.Protocol.Duplex;
using Savepoint.Server.NodeAuthentication;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;

namespace Savepoint.Server.Peers;

/// <summary><c>/internal/peer</c>: the links between nodes, over WebSockets. Opens for nobody but nodes of this cluster that mean this very process.</summary>
internal static class PeerEndpoint
{
    public const string Path = "/internal/peer";
    public const string SubProtocol = "savepoint-peer.v1";
    public const int MaxFrameBytes = 64 << 20;

    public static void MapPeers(this IEndpointRouteBuilder routes) => routes.Map(Path, ServeAsync);

    private static async Task ServeAsync(HttpContext context, IPeerAcceptor acceptor)
    {
        if (context.Features.Get<ICallingNode>() is not { } caller)
        {
            await Problem.WriteAsync(context, StatusCodes.Status401Unauthorized, ErrorCodes.Unauthenticated, "Only nodes of this cluster may call this.");
            return;
        }

        if (!context.WebSockets.IsWebSocketRequest || !context.WebSockets.WebSocketRequestedProtocols.Contains(SubProtocol, StringComparer.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        var socket = await context.WebSockets.AcceptWebSocketAsync(SubProtocol);
        await acceptor.RunAsync(caller.Call.From, new WebSocketDuplex(socket, MaxFrameBytes), context.RequestAborted);
    }
}
