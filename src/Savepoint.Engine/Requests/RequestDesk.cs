using Savepoint.Engine.Entities;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Spanning;
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
    private readonly PartDesk _parts;
    private readonly ScanDesk _scans;

    public RequestDesk(EngineContext context, SessionDesk sessions, WatchDesk watches, MutationRecorder recorder, IShardPeers? peers)
    {
        (_context, _sessions, _watches) = (context, sessions, watches);
        _loader = new EntityLoader(context, sessions) { Resume = Resume, Refuse = Refuse };
        (context.Resume, context.Refuse) = (Resume, Refuse);
        _scans = new ScanDesk(context, _loader);
        _parts = new PartDesk(context, recorder, _loader);
        Owners = new PartOwners(context, _parts, new InquiryDesk(context), peers) { Submit = Submit };
        Coordinator = new UnitCoordinator(context, Owners, _parts);
        _units = new UnitExecutor(context, recorder, _loader, Read, Coordinator, Owners.HasPeers);
    }

    /// <summary>Brings what requests wait for into memory.</summary>
    public EntityLoader Loader => _loader;

    /// <summary>Brings the steps of units over several nodes or databases to the owners of their shards.</summary>
    public PartOwners Owners { get; }

    /// <summary>Brings such units to their end.</summary>
    public UnitCoordinator Coordinator { get; }

    /// <summary>The shard of an entity; -1 when no entity can be named so.</summary>
    public int ShardOf(in EntityKey key) => Locate(key, out var shard) is null ? shard.Index : -1;

    public void Submit(Unit unit) => _units.Submit(unit);

    public void Read(EntityLookup lookup)
    {
        if (lookup is EntityScan scan)
        {
            _scans.Scan(scan);
            return;
        }

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
            watcher.Refuse(refusal);
            return;
        }

        lock (shard.Gate)
        {
            if (watcher.IsGone)
                return;
            refusal = CheckServing(shard, watcher.Key) ?? CheckQueue(shard, watcher.Key);
            if (refusal is null && shard.Find(watcher.Key) is { } entity)
                refusal = Hold(shard, watcher.Key, watcher, out var isHeld) ?? (isHeld ? null : Start(shard, entity, watcher));
            else
                refusal ??= Load(shard, watcher.Key, watcher);
        }

        if (refusal is not null)
            watcher.Refuse(refusal);
    }

    public void Unwatch(Watcher watcher)
    {
        watcher.IsGone = true;
        if (Locate(watcher.Key, out var shard) is not null)
            return;
        lock (shard.Gate)
        {
            shard.Units.Held.Withdraw(watcher.Key, watcher);
            if (shard.Entities.TryGetValue(watcher.Key, out var entity))
                _watches.Remove(entity, watcher);
            else if (shard.Loads.TryGetValue(watcher.Key, out var load) && load.Waiters.Remove(watcher))
                shard.Database.Counters.AddWaitingForLoad(-1);
        }
    }

    public void OpenSession(SessionHolder holder)
    {
        if ((FindShard(holder.Key, out var shard) ?? UnitRules.Check(holder, _context.Kinds)) is { } refusal)
        {
            holder.Refuse(refusal);
            return;
        }

        lock (shard.Gate)
        {
            if (holder.IsGone)
                return;
            refusal = CheckServing(shard, holder.Key) ?? CheckQueue(shard, holder.Key);
            OpeningOutcomes.Arrive(shard, holder);
            if (refusal is null && shard.Find(holder.Key) is { } entity)
                refusal = Hold(shard, holder.Key, holder, out var isHeld) ?? (isHeld ? null : Open(shard, entity, holder));
            else
                refusal ??= Load(shard, holder.Key, holder);
        }

        if (refusal is not null)
            holder.Refuse(refusal);
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

    private Refusal? CheckServing(Shard shard, in EntityKey key) =>
        _context.ServingRefusal(shard) is { } refusal ? refusal with { Key = key } : null;

    private static Refusal? CheckQueue(Shard shard, in EntityKey key) => shard.Database.IsQueueFull(share: 1) ? Overload.TooMuchWaits with { Key = key } : null;

    private Refusal? Load(Shard shard, in EntityKey key, object waiter) => _loader.Begin(shard, key) ?? _loader.Wait(shard, key, waiter);

    /// <summary>Lets someone wait, where a unit over several nodes or databases holds the entity.</summary>
    private Refusal? Hold(Shard shard, in EntityKey key, object waiter, out bool isHeld)
    {
        isHeld = shard.Units.Held.IsClosedTo(key, waiter);
        return isHeld ? _context.WaitForHeld(shard, key, waiter) : null;
    }

    private Refusal? Start(Shard shard, Entity entity, Watcher watcher)
    {
        if (_context.Preparer.Prepare(shard, entity, keepsDelta: watcher.FromVersion > 0) is { } unprepared)
        {
            if (shard.IsCommitted(entity))
                return unprepared with { Key = entity.Key };

            // That it exists is not to be known before it is durable (I2).
            WatchDesk.Refuse(shard, watcher, unprepared with { Key = entity.Key }, entity);
            return null;
        }

        _watches.Start(shard, entity, watcher);
        return null;
    }

    private Refusal? Open(Shard shard, Entity entity, SessionHolder holder)
    {
        if (_context.Preparer.Prepare(shard, entity, keepsDelta: holder.FromVersion > 0) is { } unprepared)
        {
            if (shard.IsCommitted(entity))
                return unprepared with { Key = entity.Key };
            SessionDesk.Answer(shard, holder, unprepared with { Key = entity.Key }, entity);
            return null;
        }

        _sessions.Open(shard, entity, holder);
        return null;
    }

    private void Resume(object waiter)
    {
        switch (waiter)
        {
            case PartEnding ending:
                _parts.End(ending);
                break;
            case Unit unit:
                _units.ResumeWaiting(unit);
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
            case PartEnding ending:
                ending.Fail(refusal);
                break;
            case Unit unit when refusal.Code == RefusalCode.HookFailed:
                _units.RefuseWaiting(unit, refusal);
                break;
            case Unit unit:
                unit.Complete(refusal);
                break;
            case EntityScan scan:
                scan.Refuse(refusal with { Key = default });
                break;
            case EntityLookup lookup:
                ReadDesk.Refuse(lookup, refusal);
                break;
            case SessionHolder holder:
                holder.Refuse(refusal with { Key = holder.Key });
                break;
            case Watcher watcher:
                watcher.Refuse(refusal with { Key = watcher.Key });
                break;
        }
    }
}
