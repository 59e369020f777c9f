using Savepoint.Server.Hosting;
using Savepoint.Server.NodeAuthentication;

namespace Savepoint.Server.Forwarding;

/// <summary><c>/internal/node</c>: tells other nodes where this one takes HTTP/2; an empty answer when it does not.</summary>
internal static class NodeEndpoint
{
    public const string Path = "/internal/node";

    public static void MapNode(this IEndpointRouteBuilder routes) => routes.MapGet(Path, Answer);

    private static IResult Answer(HttpContext context, ServerAddresses addresses)
    {
        if (context.Features.Get<ICallingNode>() is null)
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        return Results.Text(addresses.Http2?.GetLeftPart(UriPartial.Authority) ?? "");
    }
}
