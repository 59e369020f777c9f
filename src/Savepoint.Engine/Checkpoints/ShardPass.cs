using Savepoint.Engine.Entities;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Checkpoints;

/// <summary>One shard's part of a checkpoint: once all its entities are stored, all records up to <see cref="Until"/> are.</summary>
internal sealed class ShardPass
{
    private readonly byte[] _writers;
    private readonly bool _isComplete;
    private long _oldestLeft = long.MaxValue;

    /// <summary>Begins a pass. Under the shard's lock.</summary>
    public ShardPass(Shard shard)
    {
        Shard = shard;
        Entities = shard.TakeDirty();
        Until = shard.LastSequence;
        _writers = shard.Writers.Encode();

        // What was dropped from memory before it was stored is in no list: it has to be loaded first.
        _isComplete = shard.Unstored.Count == 0;
    }

    public Shard Shard { get; }

    public List<Entity> Entities { get; }

    public long Until { get; }

    /// <summary>An entity could not be stored.</summary>
    public void Left(Entity entity) => _oldestLeft = Math.Min(_oldestLeft, entity.DirtySince);

    /// <summary>The shard's state to store after all entities were tried, or null when it has not changed.</summary>
    public ShardState? State()
    {
        lock (Shard.Gate)
        {
            if (Shard.Failure is not null)
                return null;
            var reached = _isComplete ? Math.Max(Shard.CheckpointSequence, Math.Min(Until, _oldestLeft - 1)) : Shard.CheckpointSequence;

            // The writers may be newer than the records that the checkpoint holds: replay takes an outcome that is known already as known.
            if (reached == Shard.CheckpointSequence && Shard.StoredPublished == Shard.PublishedSequence)
                return null;
            return new ShardState(Shard.Index, Shard.Epoch, reached, Shard.PublishedSequence, _writers);
        }
    }

    /// <summary>The state was stored.</summary>
    /// <returns>By how many records the checkpoint advanced.</returns>
    public long Stored(ShardState state)
    {
        lock (Shard.Gate)
        {
            var advanced = state.CheckpointSequence - Shard.CheckpointSequence;
            Shard.CheckpointSequence = state.CheckpointSequence;
            Shard.StoredPublished = state.PublishedSequence;
            return advanced;
        }
    }
}
