using Savepoint.Engine.Spanning;

namespace Savepoint.Cluster.Peers;

/// <summary>Brings the steps of units over several nodes to the owners of shards, as the map names them. Who turns out to be none says so, and the map is read again.</summary>
/// <param name="maps">Say who owns what.</param>
/// <param name="peers">Reach the owners.</param>
public sealed class ShardPeers(IShardMaps maps, IPeers peers) : IShardPeers
{
    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> CallAsync(int shard, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var map = maps.Current;
        if ((shard < map.Count ? map[shard].Node : null) is not { } owner)
        {
            maps.Doubt(shard);
            throw new IOException($"Nobody is known to own shard {shard}.");
        }

        try
        {
            return await peers.CallAsync(owner, PeerCall.Unit, request, cancellationToken);
        }
        catch (IOException)
        {
            maps.Doubt(shard);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Doubt(int shard) => maps.Doubt(shard);
}
