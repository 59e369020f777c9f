namespace Savepoint.Cluster;

/// <summary>Who owns which shard, as far as one node knows. Never changes; <see cref="IShardMaps.Current"/> is replaced.</summary>
public sealed class ShardMap
{
    private readonly ShardOwner[] _owners;

    /// <summary>Makes a map.</summary>
    /// <param name="version">Grows with each map of this node.</param>
    /// <param name="owners">The owner of each shard.</param>
    public ShardMap(long version, IEnumerable<ShardOwner> owners) => (Version, _owners) = (version, [.. owners]);

    /// <summary>Grows with each map of one node; means nothing to other nodes.</summary>
    public long Version { get; }

    /// <summary>The number of shards.</summary>
    public int Count => _owners.Length;

    /// <summary>The owner of each shard, in order.</summary>
    public IReadOnlyList<ShardOwner> Owners => _owners;

    /// <summary>The owner of a shard.</summary>
    public ShardOwner this[int shard] => _owners[shard];
}

/// <summary>Who owns a shard.</summary>
/// <param name="Node">The owner; null when nobody does at present.</param>
/// <param name="Term">Grows each time the shard gets another owner: of two views of a shard, the one with the higher term is newer.</param>
public readonly record struct ShardOwner(ClusterNode? Node, long Term);
