namespace Savepoint.Cluster.Members;

/// <summary>Shards that this node can't serve, and until when it leaves them to others: longer each time.</summary>
internal sealed class Unfitness(MemberOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, (long Since, TimeSpan Pause)> _shards = [];

    /// <summary>The shards that it leaves to others at present, in order.</summary>
    public IReadOnlyList<int> Shards
    {
        get
        {
            lock (_gate)
                return [.. _shards.Where(shard => time.GetElapsedTime(shard.Value.Since) < shard.Value.Pause).Select(shard => shard.Key)];
        }
    }

    public bool Contains(int shard) => Shards.Contains(shard);

    public void Add(int shard)
    {
        lock (_gate)
        {
            var pause = _shards.TryGetValue(shard, out var before) ? 2 * before.Pause : options.FirstUnfit;
            _shards[shard] = (time.GetTimestamp(), pause < options.MaxUnfit ? pause : options.MaxUnfit);
        }
    }

    /// <summary>It serves the shard.</summary>
    public void Remove(int shard)
    {
        lock (_gate)
            _shards.Remove(shard);
    }
}
