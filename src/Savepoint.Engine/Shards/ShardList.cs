namespace Savepoint.Engine.Shards;

/// <summary>The shard of each mutation of a unit, without an array of its own.</summary>
internal readonly ref struct ShardList
{
    private readonly Shard[] _all;
    private readonly ReadOnlySpan<int> _indexes;
    private readonly Shard? _only;

    public ShardList(Shard[] all, ReadOnlySpan<int> indexes)
    {
        _all = all;
        _indexes = indexes;
    }

    public ShardList(Shard only)
    {
        _only = only;
        _all = [];
    }

    public Shard this[int mutation] => _only ?? _all[_indexes[mutation]];
}
