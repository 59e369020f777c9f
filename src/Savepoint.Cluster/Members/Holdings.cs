namespace Savepoint.Cluster.Members;

/// <summary>
/// What this node holds, shard by shard, under which term; and the terms that it has given away, under which it never serves again, whatever became of the
/// call that gave them: it may still take effect. A shard that came back under another term was another's in between: what is in memory of it is old.
/// </summary>
internal sealed class Holdings(Guid self, int shards)
{
    private readonly Lock _gate = new();
    private readonly Holding?[] _held = new Holding?[shards];
    private readonly long[] _spent = [.. Enumerable.Repeat(-1L, shards)];

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return Array.TrueForAll(_held, holding => holding is null);
        }
    }

    public Holding? Find(int shard)
    {
        lock (_gate)
            return _held[shard];
    }

    /// <summary>Ends what is another's by now, or was meanwhile.</summary>
    /// <returns>All shards that are not held, and those of them that just were.</returns>
    public (List<int> NotHeld, List<int> Lost) Reconcile(ClusterView view)
    {
        var (notHeld, lost, ended) = (new List<int>(), new List<int>(), new List<Holding>());
        lock (_gate)
        {
            for (var shard = 0; shard < shards; shard++)
            {
                if (_held[shard] is { } holding && (view.Leases[shard].Owner != self || view.Leases[shard].Term != holding.Term))
                {
                    _held[shard] = null;
                    ended.Add(holding);
                    lost.Add(shard);
                }

                if (_held[shard] is null)
                    notHeld.Add(shard);
            }
        }

        ended.ForEach(holding => holding.End());
        return (notHeld, lost);
    }

    /// <summary>Ends everything.</summary>
    public void Clear()
    {
        for (var shard = 0; shard < shards; shard++)
            Remove(shard, Find(shard));
    }

    public bool IsSpent(int shard, long term)
    {
        lock (_gate)
            return term <= _spent[shard];
    }

    /// <summary>Begins to hold a shard; null when it is held already, or its term was given away.</summary>
    public Holding? Begin(int shard, long term)
    {
        lock (_gate)
            return _held[shard] is not null || term <= _spent[shard] ? null : _held[shard] = new Holding(term);
    }

    public bool IsCurrent(int shard, Holding holding) => Find(shard) == holding;

    /// <summary>Ends a holding, if it is not over.</summary>
    public void Remove(int shard, Holding? holding)
    {
        lock (_gate)
        {
            if (holding is null || _held[shard] != holding)
                return;
            _held[shard] = null;
        }

        holding.End();
    }

    /// <summary>Gives a term away, before anybody is told: nothing is served under it again.</summary>
    public void Spend(int shard, long term)
    {
        Holding? holding;
        lock (_gate)
        {
            _spent[shard] = Math.Max(_spent[shard], term);
            holding = _held[shard];
            if (holding?.Term > term)
                return;
            _held[shard] = null;
        }

        holding?.End();
    }
}
