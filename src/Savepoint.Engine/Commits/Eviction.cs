using Savepoint.Engine.Entities;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Commits;

/// <summary>Parts entities that are dropped from memory from everyone who holds on to them, and tells those afterwards.</summary>
internal sealed class Eviction(EngineContext context, WatchDesk watches)
{
    private readonly List<Watcher> _lost = [];
    private readonly List<SessionHolder> _waiting = [];
    private readonly List<object> _held = [];

    /// <summary>Parts an entity from its watchers and from who waits for its session. Under the shard's lock.</summary>
    public void LetGo(Shard shard, Entity entity)
    {
        if (entity.Extras is not { } extras)
            return;
        if (extras.Overlay is { } overlay)
            shard.Writers.Forget(overlay);
        _waiting.AddRange(extras.Session?.Waiters.ConvertAll(waiter => waiter.Holder) ?? []);
        extras.Session?.Waiters.Clear();
        if (extras.HasActiveSession)
            context.Counters.AddSessions(-1);
        _lost.AddRange(watches.RemoveAll(entity));
    }

    /// <summary>Stops serving a shard. Under the shard's lock.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="service">What it is from now on.</param>
    public void Close(Shard shard, ShardService service)
    {
        if (!shard.Service.IsHeld)
            return;
        foreach (var entity in shard.Entities.Values)
            LetGo(shard, entity);
        shard.Units.Held.TakeAll(_held);
        shard.Database.Counters.AddUncheckpointed(shard.CheckpointSequence - shard.CommittedSequence);
        shard.Close(service);
    }

    /// <summary>Tells everyone. Under no lock.</summary>
    public void Tell(Refusal refusal)
    {
        foreach (var watcher in _lost)
            watcher.Lose();
        foreach (var holder in _waiting)
            holder.Refuse(refusal with { Key = holder.Key });
        foreach (var waiter in _held)
            context.Refuse(waiter, refusal);
    }
}
