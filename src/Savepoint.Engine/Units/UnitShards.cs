using Savepoint.Engine.Shards;

namespace Savepoint.Engine.Units;

/// <summary>
/// The shard of each mutation of a unit, without an array of its own. Where there are several, their locks are taken in the order of the shards, each once: so two
/// units never wait for each other.
/// </summary>
internal readonly ref struct UnitShards
{
    private readonly EngineContext _context;
    private readonly ReadOnlySpan<int> _indexes;
    private readonly ReadOnlySpan<int> _distinct;
    private readonly Shard? _only;

    /// <summary>That of a unit with one mutation.</summary>
    public UnitShards(EngineContext context, Shard only)
    {
        (_context, _only) = (context, only);
    }

    /// <summary>Those of a unit with several mutations.</summary>
    /// <param name="context">The engine.</param>
    /// <param name="mutations">The mutations.</param>
    /// <param name="space">To work in, with room for two numbers a mutation.</param>
    public UnitShards(EngineContext context, Mutation[] mutations, Span<int> space)
    {
        var indexes = space[..mutations.Length];
        var distinct = space[mutations.Length..];
        for (var i = 0; i < mutations.Length; i++)
            indexes[i] = context.ShardOf(mutations[i].Key).Index;
        indexes.CopyTo(distinct);
        distinct.Sort();
        _context = context;
        _indexes = indexes;
        _distinct = Distinct(distinct);
    }

    /// <summary>The present ownership of a mutation's shard. Who has not locked it may find it closed, and another in its place.</summary>
    public Shard this[int mutation] => _only ?? _context.Shards[_indexes[mutation]];

    /// <summary>Whether they are in more than one database.</summary>
    public bool AreInSeveralDatabases => _context.Shards[_distinct[0]].Database != _context.Shards[_distinct[^1]].Database;

    /// <summary>Whether no single commit can cover them, while there is a way to all of them. As far as one can tell without their locks.</summary>
    /// <param name="hasPeers">Whether there is a way to shards that are not served here.</param>
    public bool NeedSeveralCommits(bool hasPeers)
    {
        var home = _indexes[0];
        if (_distinct.Length == 1 || !_context.IsServed(home))
            return false;
        var spans = false;
        foreach (var shard in _distinct)
        {
            if (shard == home || _context.CommitTogether(home, shard))
                continue;
            if (!hasPeers && !_context.IsServed(shard))
                return false;
            spans = true;
        }

        return spans;
    }

    /// <summary>Why nothing is done in them now, for the first mutation whose shard is not served; null when all are. Under their locks.</summary>
    public Refusal? ServingRefusal(Mutation[] mutations)
    {
        if (!_context.IsServing)
            return new Refusal(RefusalCode.ShuttingDown);
        for (var i = 0; i < mutations.Length; i++)
        {
            if (this[i].Service.Refusal is { } refusal)
                return refusal with { Mutation = i, Key = mutations[i].Key };
        }

        return _context.Lease.Refusal;
    }

    /// <summary>Takes the locks of all.</summary>
    public void Lock()
    {
        foreach (var index in _distinct)
            _context.Shards[index].Gate.Enter();
    }

    /// <summary>Gives them back.</summary>
    public void Unlock()
    {
        foreach (var index in _distinct)
            _context.Shards[index].Gate.Exit();
    }

    private static Span<int> Distinct(Span<int> sorted)
    {
        var count = 1;
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] != sorted[count - 1])
                sorted[count++] = sorted[i];
        }

        return sorted[..count];
    }
}
