using Savepoint.Cluster;
using Savepoint.Streams.ShardMaps;

namespace Savepoint.Server.Membership;

/// <summary>Tells game servers who owns which shard, as this node knows it.</summary>
internal sealed class StreamShardMaps(IShardMaps maps, IHostApplicationLifetime host) : IShardMapSource
{
    public Guid Self => maps.Self.Id;

    public ShardMapSnapshot Current
    {
        get
        {
            var map = maps.Current;
            var nodes = map.Owners.Select(owner => owner.Node).OfType<ClusterNode>().DistinctBy(node => node.Id);
            return new ShardMapSnapshot(
                map.Version,
                [.. nodes.Select(node => new ShardMapNode(node.Id, node.Name, node.Address))],
                [.. map.Owners.Select(owner => new ShardMapOwner(owner.Node?.Id, owner.Term))]);
        }
    }

    public void Subscribe(Action changed) => _ = FollowAsync(changed);

    private async Task FollowAsync(Action changed)
    {
        var version = maps.Current.Version;
        try
        {
            while (true)
            {
                version = (await maps.WaitForNewerAsync(version, host.ApplicationStopped)).Version;
                changed();
            }
        }
        catch (OperationCanceledException)
        {
            // The server has stopped.
        }
    }
}
