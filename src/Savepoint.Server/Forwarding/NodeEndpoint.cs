using Savepoint.Server.Hosting;
using Savepoint.Server.NodeAuthentication;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;

namespace Savepoint.Server.Forwarding;

/// <summary><c>/internal/node</c>: tells other nodes where this one takes HTTP/2; an empty answer when it does not.</summary>
internal static class NodeEndpoint
{
    public const string Path = "/internal/node";

    public static void MapNode(this IEndpointRouteBuilder routes) => routes.MapGet(Path, AnswerAsync);

    private static Task AnswerAsync(HttpContext context, ServerAddresses addresses) => context.Features.Get<ICallingNode>() is null
        ? Problem.WriteAsync(context, StatusCodes.Status401Unauthorized, ErrorCodes.Unauthenticated, "Only nodes of this cluster may call this.")
        : context.Response.WriteAsync(addresses.Http2?.GetLeftPart(UriPartial.Authority) ?? "", context.RequestAborted);
}
