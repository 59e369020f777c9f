using Savepoint.Engine.Databases;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Recovery;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Loading;

/// <summary>Brings entities into memory, each once however many ask for it, and many of a shard with one read.</summary>
internal sealed class EntityLoader(EngineContext context, SessionDesk sessions)
{
    /// <summary>What is done again with those who waited, once they need not any more.</summary>
    public required Action<object> Resume { get; init; }

    /// <summary>What is done with those whose entity could not be loaded.</summary>
    public required Action<object, Refusal> Refuse { get; init; }

    /// <summary>Begins to load an entity, if nobody has. Under the shard's lock.</summary>
    /// <returns>Why it can't be loaded now; null when it is on its way.</returns>
    public Refusal? Begin(Shard shard, in EntityKey key)
    {
        if (shard.Loads.ContainsKey(key))
            return null;
        if (context.Counters.Resident >= context.Options.MaxResidentEntities)
            return Overloaded(key, "too many entities are in memory");
        if (shard.Database.Counters.Loading >= context.Options.MaxWaitingForLoad)
            return Overloaded(key, "too many entities are being loaded");
        context.Kinds.TryGet(key.Kind, out var kind);
        shard.Database.Counters.AddLoading(1);
        shard.Loads.Add(key, new PendingLoad(key, kind!, context.Now + context.Options.LoadTimeout.Ticks));
        shard.Database.Wanted.Add(shard, key);
        return null;
    }

    /// <summary>Lets someone wait for an entity that is being loaded. Under the shard's lock.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="key">The entity.</param>
    /// <param name="waiter">Who waits.</param>
    /// <param name="isWaitingAlready">Another copy of the same request waits: this one must not be refused for want of room.</param>
    /// <returns>Why it can't wait; null when it does.</returns>
    public Refusal? Wait(Shard shard, in EntityKey key, object waiter, bool isWaitingAlready = false)
    {
        if (!isWaitingAlready && shard.Database.Counters.WaitingForLoad >= context.Options.MaxWaitingForLoad)
            return Overloaded(key, "too many wait for entities to be loaded");
        shard.Database.Counters.AddWaitingForLoad(1);
        shard.Loads[key].Waiters.Add(waiter);
        return null;
    }

    /// <summary>Tells those who have waited too long.</summary>
    public void EndWaits(Shard shard)
    {
        List<object>? late = null;
        lock (shard.Gate)
        {
            foreach (var load in shard.Loads.Values)
            {
                if (load.Waiters.Count > 0 && load.Deadline <= context.Now)
                    (late ??= []).AddRange(load.TakeWaiters());
            }
        }

        if (late is not null)
            RefuseAll(shard, late, new Refusal(RefusalCode.LoadTimeout));
    }

    /// <summary>Tells all who still wait, because nobody loads any more.</summary>
    public void EndAllWaits()
    {
        foreach (var shard in context.Shards)
            EndAllWaits(shard, new Refusal(RefusalCode.ShuttingDown));
    }

    /// <summary>Tells all who wait for something of a shard that they wait in vain.</summary>
    public void EndAllWaits(Shard shard, Refusal refusal)
    {
        List<object> waiters = [];
        lock (shard.Gate)
        {
            foreach (var load in shard.Loads.Values)
                waiters.AddRange(load.TakeWaiters());
        }

        RefuseAll(shard, waiters, refusal);
    }

    /// <summary>Loads what is wanted of a database.</summary>
    public async Task RunAsync(Database database, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await database.Wanted.WaitAsync();
            while (!stopping.IsCancellationRequested && database.Wanted.TryTake(out var shard, out var keys))
                await LoadAsync(shard, keys, stopping);
        }
    }

    private async Task LoadAsync(Shard shard, List<EntityKey> keys, CancellationToken stopping)
    {
        List<object> waiters;
        var failed = new List<(object Waiter, Refusal Refusal)>();
        Refusal? refusal = null;
        try
        {
            var entities = await ReadAsync(shard, keys, stopping);
            waiters = TakeIn(shard, entities, failed);
        }
        catch (Exception failure) when (failure is StoreException or OperationCanceledException)
        {
            refusal = new Refusal(RefusalCode.Unavailable) { Detail = "the entity could not be read", RetryAfter = TimeSpan.FromSeconds(1) };
            shard.Database.StoreFailure ??= failure.Message;
            waiters = GiveUp(shard, keys);
        }

        if (refusal is not null)
        {
            RefuseAll(shard, waiters, refusal);
            return;
        }

        shard.Database.Counters.AddWaitingForLoad(-waiters.Count - failed.Count);
        foreach (var (waiter, failure) in failed)
            Refuse(waiter, failure);
        foreach (var waiter in waiters)
            Resume(waiter);
    }

    private async ValueTask<List<Entity>> ReadAsync(Shard shard, List<EntityKey> keys, CancellationToken stopping)
    {
        var stored = new Dictionary<EntityKey, StoredEntity>(context.KeyComparer);
        foreach (var row in await shard.Store.ReadEntitiesAsync(shard.Index, keys, stopping))
            stored[row.Key] = row;

        var entities = new List<Entity>(keys.Count);
        foreach (var key in keys)
        {
            context.Kinds.TryGet(key.Kind, out var kind);
            var entity = stored.TryGetValue(key, out var row) ? StoredEntities.Read(row, kind!) : new Entity(key, kind!);
            await CatchUpAsync(shard, entity, stopping);

            // Of a shard that is another's meanwhile, the journal may have been trimmed: what can't be read of it says nothing.
            if (entity.Extras?.QuarantineError is { } error && error != row?.QuarantineError && IsHeld(shard))
                await shard.Store.QuarantineAsync(shard.Index, key, error, context.Time.GetUtcNow(), stopping);
            entities.Add(entity);
        }

        return entities;
    }

    /// <summary>Applies the committed records that no checkpoint holds, where the entity was dropped from memory before one did.</summary>
    private async ValueTask CatchUpAsync(Shard shard, Entity entity, CancellationToken stopping)
    {
        long newest;
        lock (shard.Gate)
        {
            if (!shard.Unstored.TryGetValue(entity.Key, out newest) || entity.Sequence >= newest)
                return;
        }

        var known = entity.Extras?.QuarantineError;
        try
        {
            var places = await new JournalWalk(shard.Store).BackAsync(shard.Index, newest, entity.Sequence, stopping)
                ?? throw new JournalFormatException("a part of the journal that it needs is gone");

            // On a row that can't be read nothing builds but its repair.
            var first = known is null ? 0 : places.FindLastIndex(place => JournalWalk.Read(place).Type == RecordType.Repaired);
            if (first < 0)
            {
                entity.Extras!.QuarantineError = JournalOnly.With(known!);
                return;
            }

            var replay = new RecordReplay();
            entity.DirtySince = places[first].Sequence;
            foreach (var place in places.Skip(first))
                replay.Apply(entity, JournalWalk.Read(place), shard.Copies);
        }
        catch (JournalFormatException damage)
        {
            // What was replayed of it is not its state: it must never be stored.
            entity.DirtySince = 0;
            entity.Extras = new EntityExtras { QuarantineError = JournalOnly.With(known ?? damage.Message) };
        }
    }

    private static bool IsHeld(Shard shard)
    {
        lock (shard.Gate)
            return shard.Service.IsHeld;
    }

    private List<object> TakeIn(Shard shard, List<Entity> entities, List<(object Waiter, Refusal Refusal)> failed)
    {
        var waiters = new List<object>();
        lock (shard.Gate)
        {
            foreach (var entity in entities)
            {
                if (!shard.Loads.Remove(entity.Key, out var load))
                    continue;
                shard.Database.Counters.AddLoading(-1);
                if (!shard.Service.IsHeld || shard.Entities.ContainsKey(entity.Key))
                {
                    waiters.AddRange(load.Waiters);
                    continue;
                }

                var stored = entity.Sequence;
                if (TryPrepare(shard, entity, load) is { } failure)
                {
                    failed.AddRange(load.Waiters.Select(waiter => (waiter, failure)));

                    // What no checkpoint holds has to get into one all the same.
                    if (entity.DirtySince == 0)
                        continue;
                }
                else
                {
                    waiters.AddRange(load.Waiters);
                }

                shard.Add(entity);
                shard.Unstored.Remove(entity.Key);
                sessions.OnLoaded(shard, entity, stored);
                if (entity.DirtySince != 0 && !entity.IsListedForCheckpoint)
                {
                    entity.IsListedForCheckpoint = true;
                    shard.Dirty.Add(entity);
                }
            }
        }

        return waiters;
    }

    /// <summary>Lets hooks at an entity before anybody who waits for it. What can't be done now is left to each of them.</summary>
    /// <returns>Why nobody can have the entity; null when they may ask for it.</returns>
    private Refusal? TryPrepare(Shard shard, Entity entity, PendingLoad load)
    {
        if (load.Waiters.Count == 0 || context.ServingRefusal(shard) is not null || shard.Units.Held.IsHeld(entity.Key)
            || load.Waiters.Exists(waiter => waiter is Unit unit && unit.Repairs(entity.Key)))
            return null;
        var keepsDelta = load.Waiters.Exists(waiter => waiter is Watcher { FromVersion: > 0 });
        return context.Preparer.Prepare(shard, entity, keepsDelta) is { Code: RefusalCode.HookFailed } failure ? failure : null;
    }

    private List<object> GiveUp(Shard shard, List<EntityKey> keys)
    {
        var waiters = new List<object>();
        lock (shard.Gate)
        {
            foreach (var key in keys)
            {
                if (!shard.Loads.Remove(key, out var load))
                    continue;
                shard.Database.Counters.AddLoading(-1);
                waiters.AddRange(load.Waiters);
            }
        }

        return waiters;
    }

    private void RefuseAll(Shard shard, List<object> waiters, Refusal refusal)
    {
        shard.Database.Counters.AddWaitingForLoad(-waiters.Count);
        foreach (var waiter in waiters)
            Refuse(waiter, refusal);
    }

    private static Refusal Overloaded(in EntityKey key, string detail) =>
        new(RefusalCode.Overloaded) { Key = key, Detail = detail, RetryAfter = TimeSpan.FromSeconds(1) };
}
