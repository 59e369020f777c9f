using Savepoint.Cluster;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Streams.Authentication;

namespace Savepoint.Server.ClusterApi;

/// <summary>
/// <c>GET /api/v1/cluster/shards</c> and <c>/nodes</c>: who owns what, as this node knows it, for game servers, tools and people. They show addresses inside
/// the cluster, so they are for whoever has a key, and not for players: <c>Authorization: Bearer …</c>.
/// </summary>
internal static class ClusterEndpoints
{
    public static void MapCluster(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/cluster").RequirePrincipal(PrincipalRole.GameServer, PrincipalRole.Service, PrincipalRole.Support, PrincipalRole.Admin);
        group.WithTags("Cluster");
        group.MapGet("/shards", Shards)
            .WithName("ListShards").WithSummary("Says which node owns which shard").WithDescription("As the node that answers knows it.")
            .Produces<ShardsAnswer>()
            .WithExample("""
                {"seenBy":"eu-1","version":12,"count":64,"owners":[{"id":"0b6f2f0e-6c0b-4a43-9a05-7d1df0a7f7c1","name":"eu-1","address":"http://10.0.0.5:7350/","shards":64}],
                "shards":[{"shard":0,"owner":"eu-1","term":3}]}
                """);
        group.MapGet("/nodes", Nodes)
            .WithName("ListNodes").WithSummary("Lists the nodes that live").WithDescription("As the node that answers sees them.")
            .Produces<NodesAnswer>()
            .WithExample("""
                {"seenBy":"eu-1","featureLevel":1,"nodes":[{"id":"0b6f2f0e-6c0b-4a43-9a05-7d1df0a7f7c1","name":"eu-1","address":"http://10.0.0.5:7350/","canOwn":true,"featureLevel":1,
                "shards":64,"unfit":[],"leaseLeftSeconds":4.2}]}
                """);
    }

    private static IResult Shards(IShardMaps maps)
    {
        var map = maps.Current;
        var nodes = map.Owners.Select(owner => owner.Node).OfType<ClusterNode>().DistinctBy(node => node.Id).OrderBy(node => node.Name, StringComparer.Ordinal);
        return Results.Json(new ShardsAnswer(
            maps.Self.Name,
            map.Version,
            map.Count,
            [.. nodes.Select(node => new OwnerAnswer(node.Id, node.Name, node.Address, map.Owners.Count(owner => owner.Node?.Id == node.Id)))],
            [.. map.Owners.Select((owner, shard) => new ShardAnswer(shard, owner.Node?.Name, owner.Term))]));
    }

    private static IResult Nodes(ClusterMember member)
    {
        var view = member.View;
        return Results.Json(new NodesAnswer(
            member.Self.Name,
            view?.FeatureLevel ?? 0,
            [.. (view?.Nodes ?? []).Select(state => new NodeAnswer(
                state.Node.Id,
                state.Node.Name,
                state.Node.Address,
                state.CanOwn,
                state.Node.FeatureLevel,
                view!.Leases.Count(lease => lease.Owner == state.Node.Id && lease.Left > TimeSpan.Zero),
                [.. state.Unfit],
                Math.Round(state.Left.TotalSeconds, 3)))]));
    }

    /// <param name="SeenBy">The node that answers.</param>
    /// <param name="Version">Grows with each map of that node.</param>
    /// <param name="Count">The number of shards.</param>
    /// <param name="Owners">The nodes that own shards, by name.</param>
    /// <param name="Shards">All shards, in order.</param>
    internal sealed record ShardsAnswer(string SeenBy, long Version, int Count, OwnerAnswer[] Owners, ShardAnswer[] Shards);

    internal sealed record OwnerAnswer(Guid Id, string Name, Uri Address, int Shards);

    /// <param name="Shard">The shard.</param>
    /// <param name="Owner">The name of its owner; null when it has none at present.</param>
    /// <param name="Term">Grows each time the shard gets another owner.</param>
    internal sealed record ShardAnswer(int Shard, string? Owner, long Term);

    /// <param name="SeenBy">The node that answers.</param>
    /// <param name="FeatureLevel">The newest formats that every living node reads; 0 before the node has joined.</param>
    /// <param name="Nodes">All nodes that live, by name.</param>
    internal sealed record NodesAnswer(string SeenBy, int FeatureLevel, NodeAnswer[] Nodes);

    /// <param name="Id">The process: another each time the node starts.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Address">Where others reach it.</param>
    /// <param name="CanOwn">Whether it may own shards: false for a gateway, and for a node that leaves.</param>
    /// <param name="FeatureLevel">The newest formats that it reads.</param>
    /// <param name="Shards">How many it owns.</param>
    /// <param name="Unfit">Those that it can't serve at present.</param>
    /// <param name="LeaseLeftSeconds">How long its lease lasted without another renewal when the node that answers looked last.</param>
    internal sealed record NodeAnswer(Guid Id, string Name, Uri Address, bool CanOwn, int FeatureLevel, int Shards, int[] Unfit, double LeaseLeftSeconds);
}
