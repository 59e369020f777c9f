using Savepoint.Cluster;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Hosting.Routing;
using Savepoint.Server.Hosting;
using Savepoint.Server.NodeAuthentication;
using Savepoint.Hosting.Problems;

namespace Savepoint.Server.Forwarding;

/// <summary>
/// Sends requests of marked endpoints to the node that owns their shard. One that another node has sent is served here whatever the map says, so none is
/// forwarded twice: what it needs of other nodes goes over the links between them.
/// </summary>
internal sealed class OwnerRouting(RequestDelegate next, IShardMaps maps, RequestForwarder forwarder, EngineHost engine)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RoutedByOwner>() is not { } routing || !routing.TryFind(context, out var owner))
        {
            await next(context);
            return;
        }

        if (owner.Length is 0 or > EntityKey.MaxIdLength)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, ProblemCodes.BadRoute, $"The owner's id has 1 to {EntityKey.MaxIdLength} characters.");
            return;
        }

        if (context.Features.Get<ICallingNode>() is not null)
            await ServeForAnotherAsync(context, owner);
        else if (engine.State != EngineState.Ready || IsHere(owner, out var shard) || !await forwarder.ForwardAsync(context, shard))
            await next(context);
    }

    private Task ServeForAnotherAsync(HttpContext context, string owner)
    {
        if (engine.State != EngineState.Ready)
        {
            context.Response.Headers[NodeHeaders.Refused] = ProblemCodes.NotReady;
            return Problem.WriteAsync(context, StatusCodes.Status421MisdirectedRequest, ProblemCodes.NotReady, "This node serves nothing at present.");
        }

        if (!IsHere(owner, out _))
            context.Response.Headers[NodeHeaders.NotOwner] = "1";
        return next(context);
    }

    private bool IsHere(string owner, out int shard)
    {
        var map = maps.Current;
        shard = ShardHash.ShardOf(owner, map.Count);
        return map[shard].Node?.Id == maps.Self.Id;
    }
}
