using Savepoint.Engine.Loading;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Requests;

/// <summary>
/// Takes requests: finds the shard, refuses what is not served, lets wait what is not in memory, and hands the rest to whoever carries it out.
/// </summary>
internal sealed class RequestDesk
{
    private readonly EngineContext _context;
    private readonly EntityLoader _loader;
    private readonly SessionDesk _sessions;
    private readonly WatchDesk _watches;
    private readonly UnitExecutor _units;

    public RequestDesk(EngineContext context, SessionDesk sessions, WatchDesk watches, MutationRecorder recorder)
    {
        (_context, _sessions, _watches) = (context, sessions, watches);
        _loader = new EntityLoader(context, sessions) { Resume = Resume, Refuse = Refuse };
        _units = new UnitExecutor(context, new MutationPlanner(context), recorder, _loader, Read);
    }

    /// <summary>Brings what requests wait for into memory.</summary>
    public EntityLoader Loader => _loader;

    public void Submit(Unit unit) => _units.Submit(unit);

    public void Read(EntityLookup lookup)
    {
        if (FindShard(lookup.Key, out var shard) is { } refusal)
        {
            ReadDesk.Refuse(lookup, refusal);
            return;
        }

        while (!ReadDesk.TryRead(shard, lookup))
        {
            lock (shard.Gate)
            {
                // It may have come into memory since.
                if (shard.Entities.ContainsKey(lookup.Key))
                    continue;
                refusal = CheckServing(shard, lookup.Key) ?? Load(shard, lookup.Key, lookup);
            }

            if (refusal is not null)
                ReadDesk.Refuse(lookup, refusal);
            return;
        }
    }

    public void Watch(Watcher watcher)
    {
        if (FindShard(watcher.Key, out var shard) is { } refusal)
        {
            watcher.OnStarted(default, refusal);
            return;
        }

        lock (shard.Gate)
        {
            if (watcher.IsGone)
                return;
            refusal = CheckServing(shard, watcher.Key) ?? CheckQueue(shard, watcher.Key);
            if (refusal is null && shard.Find(watcher.Key) is { } entity)
                _watches.Start(shard, entity, watcher);
            else
                refusal ??= Load(shard, watcher.Key, watcher);
        }

        if (refusal is not null)
            watcher.OnStarted(default, refusal);
    }

    public void Unwatch(Watcher watcher)
    {
        watcher.IsGone = true;
        if (Locate(watcher.Key, out var shard) is not null)
            return;
        lock (shard.Gate)
        {
            if (shard.Entities.TryGetValue(watcher.Key, out var entity))
                _watches.Remove(entity, watcher);
            else if (shard.Loads.TryGetValue(watcher.Key, out var load) && load.Waiters.Remove(watcher))
                shard.Database.Counters.AddWaitingForLoad(-1);
        }
    }

    public void OpenSession(SessionHolder holder)
    {
        if ((FindShard(holder.Key, out var shard) ?? UnitRules.Check(holder)) is { } refusal)
        {
            holder.OnOpened(new SessionOpening { Refusal = refusal, Messages = [] });
            return;
        }

        lock (shard.Gate)
        {
            if (holder.IsGone)
                return;
            refusal = CheckServing(shard, holder.Key) ?? CheckQueue(shard, holder.Key);
            OpeningOutcomes.Arrive(shard, holder);
            if (refusal is null && shard.Find(holder.Key) is { } entity)
                _sessions.Open(shard, entity, holder);
            else
                refusal ??= Load(shard, holder.Key, holder);
        }

        if (refusal is not null)
            holder.OnOpened(new SessionOpening { Refusal = refusal, Messages = [] });
        else
            shard.Database.WakeCommitter();
    }

    public void Disconnect(SessionHolder holder)
    {
        Unwatch(holder);
        if (Locate(holder.Key, out var shard) is not null)
            return;
        lock (shard.Gate)
        {
            if (shard.Entities.TryGetValue(holder.Key, out var entity))
                _sessions.Disconnect(shard, entity, holder);
        }
    }

    private Refusal? FindShard(in EntityKey key, out Shard shard) => Locate(key, out shard) ?? CheckServing(shard, key);

    private Refusal? Locate(in EntityKey key, out Shard shard)
    {
        shard = null!;
        if (UnitRules.CheckKey(key, _context.Kinds) is { } refusal)
            return refusal with { Key = key };
        _context.Kinds.TryGet(key.Kind, out var kind);
        shard = _context.ShardOf(kind!, key.Id);
        return null;
    }

    private Refusal? CheckServing(Shard shard, in EntityKey key)
    {
        if (!_context.IsServing)
            return new Refusal(RefusalCode.ShuttingDown) { Key = key };
        return (shard.Service.Refusal ?? _context.Lease.Refusal) is { } refusal ? refusal with { Key = key } : null;
    }

    private static Refusal? CheckQueue(Shard shard, in EntityKey key) => shard.Database.IsQueueFull(share: 1) ? UnitExecutor.TooMuchWaits with { Key = key } : null;

    private Refusal? Load(Shard shard, in EntityKey key, object waiter) => _loader.Begin(shard, key) ?? _loader.Wait(shard, key, waiter);

    private void Resume(object waiter)
    {
        switch (waiter)
        {
            case Unit unit:
                Submit(unit);
                break;
            case EntityLookup lookup:
                Read(lookup);
                break;
            case SessionHolder holder:
                OpenSession(holder);
                break;
            case Watcher watcher:
                Watch(watcher);
                break;
        }
    }

    private void Refuse(object waiter, Refusal refusal)
    {
        switch (waiter)
        {
            case Unit unit:
                unit.Completed(refusal);
                break;
            case EntityLookup lookup:
                ReadDesk.Refuse(lookup, refusal);
                break;
            case SessionHolder holder:
                holder.OnOpened(new SessionOpening { Refusal = refusal with { Key = holder.Key }, Messages = [] });
                break;
            case Watcher watcher:
                watcher.OnStarted(default, refusal with { Key = watcher.Key });
                break;
        }
    }
}
