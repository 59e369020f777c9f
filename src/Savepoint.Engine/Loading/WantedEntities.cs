using System.Diagnostics.CodeAnalysis;
using Savepoint.Engine.Commits;
using Savepoint.Engine.Shards;

namespace Savepoint.Engine.Loading;

/// <summary>The entities of one database that are to be loaded, for the one flow that loads them. Safe for concurrent use.</summary>
internal sealed class WantedEntities
{
    private const int BatchSize = 256;

    private readonly AsyncSignal _signal = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<Shard, List<EntityKey>> _wanted = [];

    public void Add(Shard shard, in EntityKey key)
    {
        lock (_gate)
        {
            if (!_wanted.TryGetValue(shard, out var keys))
                _wanted.Add(shard, keys = []);
            keys.Add(key);
        }

        _signal.Set();
    }

    /// <summary>Waits until there may be some.</summary>
    public ValueTask WaitAsync() => _signal.WaitAsync();

    /// <summary>Lets the flow look up without any.</summary>
    public void Wake() => _signal.Set();

    /// <summary>Takes some of one shard, to be loaded with one read.</summary>
    public bool TryTake([NotNullWhen(true)] out Shard? shard, out List<EntityKey> keys)
    {
        lock (_gate)
        {
            foreach (var (from, wanted) in _wanted)
            {
                shard = from;
                keys = wanted;
                if (wanted.Count <= BatchSize)
                    return _wanted.Remove(from);
                keys = wanted.GetRange(wanted.Count - BatchSize, BatchSize);
                wanted.RemoveRange(wanted.Count - BatchSize, BatchSize);
                return true;
            }
        }

        (shard, keys) = (null, []);
        return false;
    }
}
