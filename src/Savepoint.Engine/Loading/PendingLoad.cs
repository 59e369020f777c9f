using Savepoint.Engine.Kinds;

namespace Savepoint.Engine.Loading;

/// <summary>An entity that is being read from the store, and who waits for it: units, readings, watchers and session holders.</summary>
internal sealed class PendingLoad(EntityKey key, Kind kind, long deadline)
{
    public EntityKey Key { get; } = key;

    public Kind Kind { get; } = kind;

    /// <summary>When those who wait are told that it took too long, in ticks of the engine's clock.</summary>
    public long Deadline { get; } = deadline;

    public List<object> Waiters { get; private set; } = [];

    public List<object> TakeWaiters()
    {
        var taken = Waiters;
        Waiters = [];
        return taken;
    }
}
