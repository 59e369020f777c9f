using System.Runtime.CompilerServices;
using Savepoint.Engine.Checkpoints;
using Savepoint.Engine.Commits;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Economy;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Spanning;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Engine.Writers;

namespace Savepoint.Engine.Shards;

/// <summary>
/// One slice of all entities: what is in memory of it, its place in its journal, and what waits for the next commit. Everything here is guarded
/// by <see cref="Gate"/>; who needs several shards takes their gates in order of <see cref="Index"/>. It stands for one ownership: when the shard is taken
/// again, another one with the same gate takes its place.
/// </summary>
internal sealed class Shard
{
    private readonly Stack<ShardBatch> _spare = new();

    public Shard(int index, EngineContext context, Database database, Lock gate)
    {
        Index = index;
        Context = context;
        Database = database;
        Gate = gate;
        Entities = new Dictionary<EntityKey, Entity>(context.KeyComparer);
        Loads = new Dictionary<EntityKey, PendingLoad>(context.KeyComparer);
        Unstored = new Dictionary<EntityKey, long>(context.KeyComparer);
        Writers = new WriterTable(context.Options);
        Units = new ShardUnits(context, database.Counters);
        Copies = new WholeCopies(index, context.Options);
        Ledger = new ShardLedger(context.Options);
        Pending = NewBatch();
        Scratch = new UnitScratch();
    }

    public int Index { get; }

    public EngineContext Context { get; }

    /// <summary>Where it is kept.</summary>
    public Database Database { get; }

    public IStore Store => Database.Store;

    public Lock Gate { get; }

    public Dictionary<EntityKey, Entity> Entities { get; }

    public Dictionary<EntityKey, PendingLoad> Loads { get; }

    /// <summary>
    /// Entities that were dropped from memory although a checkpoint lacks some of their committed records: the newest of these. Whoever loads
    /// one has to go through the journal up to there.
    /// </summary>
    public Dictionary<EntityKey, long> Unstored { get; }

    public WriterTable Writers { get; }

    /// <summary>Its share of units over several nodes or databases.</summary>
    public ShardUnits Units { get; }

    /// <summary>Keeps entities whole where the journal will not reach back far enough.</summary>
    public WholeCopies Copies { get; }

    /// <summary>Its part of the economy ledger.</summary>
    public ShardLedger Ledger { get; }

    /// <summary>What the next commit takes.</summary>
    public ShardBatch Pending { get; private set; }

    /// <summary>Work space for the unit at hand, so that it allocates nothing.</summary>
    public UnitScratch Scratch { get; }

    /// <summary>Entities that changed since they were last encoded for a checkpoint.</summary>
    public List<Entity> Dirty { get; private set; } = [];

    /// <summary>Those that the last pass took of them: whatever differs from the store is among these and <see cref="Dirty"/>, or dropped and in <see cref="Unstored"/>.</summary>
    public List<Entity> BeingStored { get; private set; } = [];

    /// <summary>Every entity in memory, once, in the order in which they are to be looked at for unloading.</summary>
    public Queue<Entity> Idle { get; } = new();

    /// <summary>Entities whose session's holder has no connection, and those somebody waits for.</summary>
    public HashSet<Entity> SessionsToMind { get; } = [];

    /// <summary>Entities with an overlay that waits to be journaled.</summary>
    public List<Entity> Overlaid { get; } = [];

    public long Epoch { get; set; }

    /// <summary>The sequence number that this ownership began with: what is older was made by another one, or by another process.</summary>
    public long FirstOwnSequence { get; set; }

    /// <summary>The newest sequence number given out.</summary>
    public long LastSequence { get; set; }

    /// <summary>The newest durable sequence number.</summary>
    public long CommittedSequence { get; set; }

    public long CheckpointSequence { get; set; }

    public long PublishedSequence { get; set; }

    /// <summary>The <see cref="PublishedSequence"/> that is stored.</summary>
    public long StoredPublished { get; set; }

    /// <summary>Whether there is anything that a checkpoint would store.</summary>
    public bool NeedsCheckpoint =>
        Service.IsHeld && (Dirty.Count > 0 || Unstored.Count > 0 || LastSequence > CheckpointSequence || StoredPublished != PublishedSequence);

    /// <summary>
    /// Since when holders of sessions that come into memory could have come back, in ticks of the engine's clock: since the last time that some
    /// were dropped while their connections stood.
    /// </summary>
    public long LeasesSince { get; set; }

    /// <summary>Whether requests are taken, and what they get if not.</summary>
    public ShardService Service { get; set; } = ShardService.NotOwned;

    /// <summary>Whether nobody waits for anything that is queued, and everything that was is durable or given up.</summary>
    public bool IsSettled => Pending.IsEmpty && LastSequence == CommittedSequence;

    public bool IsCommitted(Entity entity) => entity.Sequence <= CommittedSequence;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entity? Find(in EntityKey key)
    {
        if (!Entities.TryGetValue(key, out var entity))
            return null;
        entity.LastUsed = Context.CoarseNow;
        return entity;
    }

    /// <summary>Takes an entity into memory.</summary>
    public void Add(Entity entity)
    {
        Entities.Add(entity.Key, entity);
        entity.LastUsed = entity.QueuedAt = Context.CoarseNow;
        Idle.Enqueue(entity);
        Context.Counters.AddResident(1);
    }

    public void Drop(Entity entity, UnloadReason reason)
    {
        if (!Entities.Remove(entity.Key))
            return;
        Tell(entity, reason);
        entity.IsDropped = true;
        SessionsToMind.Remove(entity);
        Context.Counters.AddResident(-1);
    }

    /// <summary>Gives the next sequence number to a record of an entity, appends it, and marks the entity as changed.</summary>
    /// <param name="entity">The entity, as the record leaves it.</param>
    /// <param name="header">What the record says; gets what the entity knows.</param>
    /// <param name="payload">The record's payload.</param>
    /// <param name="before">What <see cref="WholeCopies.Before"/> gave before the entity was changed.</param>
    /// <returns>Where in the batch the record's payload lies.</returns>
    public int Append(Entity entity, ref RecordHeader header, ReadOnlySpan<byte> payload, StoredSnapshot? before)
    {
        header.Key = entity.Key;
        header.Version = entity.Version;
        header.PreviousSequence = entity.Sequence;
        var at = Append(header, payload);
        var sequence = LastSequence;
        entity.Sequence = sequence;
        entity.AtTicks = header.AtTicks;
        if (header.Type == RecordType.Changed)
            Ledger.Count(sequence, entity.Kind.Name, header.Reason, header.AtTicks, payload);
        if (before is not null)
            entity.NeedExtras().Keep(before);
        if (entity.DirtySince == 0)
            entity.DirtySince = sequence;
        if (!entity.IsListedForCheckpoint)
        {
            entity.IsListedForCheckpoint = true;
            Dirty.Add(entity);
        }

        return at;
    }

    /// <summary>Gives the next sequence number to a record of outcomes, which is no entity's, and appends it.</summary>
    public void AppendOutcomes(OutcomesRecord outcomes, long atTicks) => AppendOwn(RecordType.Outcomes, outcomes.Written, atTicks);

    /// <summary>Gives the next sequence number to a record that is the shard's and no entity's, and appends it.</summary>
    public void AppendOwn(RecordType type, ReadOnlySpan<byte> payload, long atTicks) =>
        Append(new RecordHeader { Type = type, Key = new EntityKey("", ""), AtTicks = atTicks }, payload);

    /// <summary>Lets an effect happen once everything that is queued now is durable, behind everything that waits already.</summary>
    public void Then(Effect effect)
    {
        Pending.Then(effect);
        Database.Counters.AddQueuedUnits(1);
        Database.WakeCommitter();
    }

    /// <summary>Takes what is queued, for a commit.</summary>
    public ShardBatch Cut()
    {
        var cut = Pending;
        Pending = _spare.TryPop(out var spare) ? spare : NewBatch();
        return cut;
    }

    public void Recycle(ShardBatch batch)
    {
        batch.Clear();
        if (_spare.Count == 0)
            _spare.Push(batch);
        else
            batch.Dispose();
    }

    /// <summary>Takes the list of entities to checkpoint; what changes from now on goes to a new one.</summary>
    public List<Entity> TakeDirty()
    {
        var taken = BeingStored = Dirty;
        Dirty = [];
        return taken;
    }

    /// <summary>Tells the hooks of kinds that everything leaves memory.</summary>
    public void TellAll(UnloadReason reason)
    {
        foreach (var entity in Entities.Values)
            Tell(entity, reason);
    }

    /// <summary>Stops serving: drops everything from memory.</summary>
    public void Close(ShardService service)
    {
        TellAll(Service.Phase == ShardPhase.HandedOver ? UnloadReason.HandedOver : UnloadReason.Lost);
        Service = service;
        foreach (var entity in Entities.Values)
            entity.IsDropped = true;
        Context.Counters.AddResident(-Entities.Count);
        Entities.Clear();
        Idle.Clear();
        Dirty.Clear();
        BeingStored = [];
        SessionsToMind.Clear();
        Overlaid.Clear();
        Unstored.Clear();
        Writers.Clear();
        Units.Clear();
        Ledger.Clear();
    }

    private void Tell(Entity entity, UnloadReason reason)
    {
        if (entity.Kind.UnloadingHooks.Count == 0 || entity.Document is null || !entity.IsPrepared)
            return;
        var isCertain = reason != UnloadReason.Lost && IsCommitted(entity);
        var unloading = new UnloadingContext
        {
            Key = entity.Key,
            Reason = reason,
            Document = isCertain ? entity.Document : null,
            Version = isCertain ? entity.Version : 0,
        };
        foreach (var hook in entity.Kind.UnloadingHooks)
        {
#pragma warning disable CA1031 // The entity goes whatever a hook makes of it.
            try
            {
                hook.OnUnloading(unloading);
            }
            catch (Exception)
            {
                Context.Counters.AddFailedHook();
            }
#pragma warning restore CA1031
        }
    }

    private int Append(in RecordHeader header, ReadOnlySpan<byte> payload)
    {
        var sequence = LastSequence + 1;
        var batch = Pending;
        batch.Announce();
        var isFirst = !batch.HasRecords;
        var before = batch.Records.Length;
        var at = batch.Records.Append(header, sequence, payload);
        if (isFirst)
            batch.FirstSequence = sequence;
        LastSequence = batch.LastSequence = sequence;
        Database.Counters.AddQueuedBytes(batch.Records.Length - before);
        return at;
    }

    private ShardBatch NewBatch() => new(() => Database.PendingShards.Mark(Index), Context.Report);
}
