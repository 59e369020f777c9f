using Savepoint.Engine.Entities;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Checkpoints;

/// <summary>An entity as it was when it was encoded for a checkpoint.</summary>
internal sealed record EncodedEntity(Shard Shard, Entity Entity, StoredEntity Row, StoredSnapshot? Snapshot)
{
    /// <summary>Encodes an entity at its newest state, committed or not. Under the shard's lock.</summary>
    public static EncodedEntity From(Shard shard, Entity entity, int snapshotEvery)
    {
        entity.IsListedForCheckpoint = false;
        var at = new DateTimeOffset(entity.AtTicks, TimeSpan.Zero);
        // Spelt out: a null array would become empty bytes, and a tombstone a document that can't be read.
        ReadOnlyMemory<byte>? document = entity.Document is { } present ? new ReadOnlyMemory<byte>(present.ToBytes()) : null;
        var row = new StoredEntity(
            shard.Index, entity.Key, entity.Version, entity.Sequence, document, EntityMetadata.Encode(entity.Extras), at);
        var snapshot = entity.Version / snapshotEvery > entity.SnapshotVersion / snapshotEvery
            ? new StoredSnapshot(shard.Index, entity.Key, entity.Version, entity.Sequence, document, at)
            : null;
        return new EncodedEntity(shard, entity, row, snapshot);
    }

    /// <summary>The row is stored. Under the shard's lock.</summary>
    public void Stored()
    {
        Entity.DirtySince = Entity.Sequence == Row.Sequence ? 0 : Row.Sequence + 1;
        if (Snapshot is not null)
            Entity.SnapshotVersion = Snapshot.Version;
    }

    /// <summary>The row is not stored: it is to be tried again. Under the shard's lock.</summary>
    public void PutBack()
    {
        if (Entity.IsDropped || Entity.IsListedForCheckpoint)
            return;
        Entity.IsListedForCheckpoint = true;
        Shard.Dirty.Add(Entity);
    }
}
