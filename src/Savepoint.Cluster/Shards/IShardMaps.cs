namespace Savepoint.Cluster;

/// <summary>What a node knows of who owns what. Calls may come from several threads at once.</summary>
public interface IShardMaps
{
    /// <summary>This node.</summary>
    ClusterNode Self { get; }

    /// <summary>The present map.</summary>
    ShardMap Current { get; }

    /// <summary>Waits for a map that is newer than one that turned out to be wrong.</summary>
    /// <param name="version">The version of the map that was acted on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<ShardMap> WaitForNewerAsync(long version, CancellationToken cancellationToken);

    /// <summary>The owner that the map names could not be reached, or says that it is none: the map is to be read again soon.</summary>
    void Doubt(int shard);

    /// <summary>Another node has said who owns a shard; taken over if its term is newer.</summary>
    void Learn(int shard, ShardOwner owner);
}
