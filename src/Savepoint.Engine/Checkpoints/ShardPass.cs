using Savepoint.Engine.Entities;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Checkpoints;

/// <summary>One shard's part of a checkpoint: once all its entities are stored, all records up to <see cref="Until"/> are.</summary>
internal sealed class ShardPass
{
    private readonly bool _isComplete;
    private readonly long _commitsGivenUp;
    private long _oldestLeft = long.MaxValue;

    /// <summary>Begins a pass. Under the shard's lock.</summary>
    public ShardPass(Shard shard)
    {
        Shard = shard;
        Entities = shard.TakeDirty();
        Until = shard.LastSequence;
        _commitsGivenUp = shard.Database.CommitsGivenUp;

        // What was dropped from memory before it was stored is in no list: it has to be loaded first.
        _isComplete = shard.Unstored.Count == 0;
    }

    public Shard Shard { get; }

    public List<Entity> Entities { get; }

    public long Until { get; }

    /// <summary>Whether all records up to <see cref="Until"/> are durable.</summary>
    public bool IsCommitted
    {
        get
        {
            lock (Shard.Gate)
                return Until <= Shard.CommittedSequence;
        }
    }

    /// <summary>How many of <see cref="Entities"/> were encoded.</summary>
    public int Encoded { get; set; }

    /// <summary>Puts the entities in the order of the store's index, so that neighbours share its pages: SQLite then updates two to three times as many a second.</summary>
    public void SortByKey() => Entities.Sort(static (one, other) => string.CompareOrdinal(one.Key.Id, other.Key.Id));

    /// <summary>The pass ends early: what was not encoded is for the next one.</summary>
    public void PutBackRest()
    {
        lock (Shard.Gate)
        {
            foreach (var entity in Entities[Encoded..])
            {
                if (!entity.IsDropped)
                    Shard.Dirty.Add(entity);
            }
        }
    }

    /// <summary>An entity could not be stored.</summary>
    public void Left(Entity entity) => _oldestLeft = Math.Min(_oldestLeft, entity.DirtySince);

    /// <summary>The shard's state to store after all entities were tried, or null when it has not changed.</summary>
    public ShardState? State()
    {
        lock (Shard.Gate)
        {
            if (!Shard.Service.IsHeld)
                return null;
            // After a commit that was given up, entities may be gone that were to be stored, and sequence numbers be given out anew.
            var isComplete = _isComplete && _commitsGivenUp == Shard.Database.CommitsGivenUp;
            var stored = Math.Min(Math.Min(Until, _oldestLeft - 1), Shard.CommittedSequence);
            var reached = isComplete ? Math.Max(Shard.CheckpointSequence, stored) : Shard.CheckpointSequence;

            // The writers may be newer than the records that the checkpoint holds: replay takes an outcome that is known already as known.
            if (reached == Shard.CheckpointSequence && Shard.StoredPublished == Shard.PublishedSequence)
                return null;
            return new ShardState(Shard.Index, Shard.Epoch, reached, Shard.PublishedSequence, ShardMetadata.Encode(Shard)) { Ledger = Shard.Ledger.UpTo(reached) };
        }
    }

    /// <summary>The state was stored.</summary>
    /// <returns>By how many records the checkpoint advanced.</returns>
    public long Stored(ShardState state)
    {
        lock (Shard.Gate)
        {
            if (!Shard.Service.IsHeld)
                return 0;
            var advanced = state.CheckpointSequence - Shard.CheckpointSequence;
            Shard.CheckpointSequence = state.CheckpointSequence;
            Shard.Ledger.Stored(state.CheckpointSequence);
            Shard.StoredPublished = state.PublishedSequence;
            return advanced;
        }
    }
}
