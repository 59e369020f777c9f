using Savepoint.Engine.Commits;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Watching;

/// <summary>Keeps the watchers of entities. All methods run under the shard's lock.</summary>
internal sealed class WatchDesk(EngineContext context)
{
    /// <summary>Starts a watch; the watcher hears of it when what it starts from is durable, behind all that was queued before.</summary>
    public void Start(Shard shard, Entity entity, Watcher watcher)
    {
        if (entity.Extras?.QuarantineError is { } error)
        {
            Refuse(shard, watcher, new Refusal(RefusalCode.Quarantined) { Key = entity.Key, Detail = error });
            return;
        }

        var (snapshot, replay) = Add(entity, watcher, watcher.FromVersion);
        shard.Then(new WatchStarted(watcher, snapshot, replay) { LookedAt = entity });
    }

    public static void Refuse(Shard shard, Watcher watcher, Refusal refusal, Entity? lookedAt = null) =>
        shard.Then(new WatchStarted(watcher, default, null, refusal) { LookedAt = lookedAt });

    public (EntitySnapshot Snapshot, List<RecentDelta>? Replay) Add(Entity entity, Watcher watcher, long fromVersion)
    {
        var extras = entity.NeedExtras();
        extras.Recent ??= new RecentDeltas(context.Options.RecentDeltaBytes);
        if (Array.IndexOf(extras.Watchers, watcher) < 0)
        {
            extras.Watchers = [.. extras.Watchers, watcher];
            context.Counters.AddWatchers(1);
        }

        // A version does not say what a watcher has of properties that change without one: a crash may have taken back what it saw.
        var isExact = entity.Kind.Durability.Count == 0;
        var replay = isExact && fromVersion > 0 && fromVersion <= entity.Version ? extras.Recent.After(fromVersion, entity.Version) : null;
        return (Snapshot(entity, replay is null ? null : fromVersion), replay);
    }

    public void Remove(Entity entity, Watcher watcher)
    {
        if (entity.Extras is not { } extras || Array.IndexOf(extras.Watchers, watcher) < 0)
            return;
        extras.Watchers = Array.FindAll(extras.Watchers, other => !ReferenceEquals(other, watcher));
        context.Counters.AddWatchers(-1);
    }

    /// <summary>Lets go of all watchers of an entity that is dropped from memory.</summary>
    /// <returns>The watchers, which are to be told.</returns>
    public Watcher[] RemoveAll(Entity entity)
    {
        if (entity.Extras is not { Watchers.Length: > 0 } extras)
            return [];
        var removed = extras.Watchers;
        extras.Watchers = [];
        context.Counters.AddWatchers(-removed.Length);
        return removed;
    }

    public void PushOwn(Shard shard, Entity entity, int at, ReadOnlySpan<byte> delta)
    {
        if (entity.Extras is not { } extras)
            return;
        var checksum = VersionChecksum.Of(entity);
        extras.Recent?.Add(new RecentDelta(entity.Version, delta.ToArray(), false, Guid.Empty, 0, 0, false, checksum, null));
        if (extras.Watchers.Length == 0)
            return;
        shard.Pending.Push(extras.Watchers, new PushedChange { Key = entity.Key, Version = entity.Version, DeltaOffset = at, DeltaLength = delta.Length, Checksum = checksum });
    }

    public static EntitySnapshot Snapshot(Entity entity, long? resumedAt = null) => new()
    {
        Key = entity.Key,
        Version = resumedAt ?? entity.Version,
        Document = resumedAt is null ? DeferredProperties.Encode(entity) : null,
        IsResumed = resumedAt is not null,
    };

    public static void Replay(Watcher watcher, List<RecentDelta>? replay)
    {
        foreach (var delta in replay ?? [])
        {
            watcher.OnChange(new EntityChange
            {
                Key = watcher.Key,
                Version = delta.Version,
                Delta = delta.Delta,
                Writer = delta.Writer,
                Request = delta.Request,
                Mutation = delta.Mutation,
                IsAsAsked = delta.IsAsAsked,
                Removed = delta.Removed,
                Checksum = delta.Checksum,
                Reason = delta.Reason,
            });
        }
    }

    private sealed class WatchStarted(Watcher watcher, EntitySnapshot snapshot, List<RecentDelta>? replay, Refusal? refusal = null) : Effect
    {
        public override void Run()
        {
            if (refusal is not null)
            {
                watcher.Refuse(refusal);
                return;
            }

            watcher.IsStarted = true;
            watcher.OnStarted(snapshot, null);
            Replay(watcher, replay);
        }

        public override void Fail(Refusal failure) => watcher.Refuse(failure);
    }
}
