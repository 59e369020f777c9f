using Savepoint.Engine.Entities;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Checkpoints;

/// <summary>An entity as it was when it was encoded for a checkpoint.</summary>
/// <param name="Shard">Its shard.</param>
/// <param name="Entity">The entity.</param>
/// <param name="Row">What is stored of it.</param>
/// <param name="Copies">The whole copies that it has waited with.</param>
/// <param name="Snapshots">All that is kept whole: these copies, and the row where it is time for it.</param>
internal sealed record EncodedEntity(
    Shard Shard, Entity Entity, StoredEntity Row, IReadOnlyList<StoredSnapshot> Copies, IReadOnlyList<StoredSnapshot> Snapshots)
{
    /// <summary>What is to go of what it was; null when nothing is.</summary>
    public StoredErasure? Erasure { get; private init; }

    /// <summary>Encodes an entity at its newest state, committed or not. Under the shard's lock.</summary>
    public static EncodedEntity From(Shard shard, Entity entity, int snapshotEvery)
    {
        entity.IsListedForCheckpoint = false;
        var copies = (IReadOnlyList<StoredSnapshot>?)entity.Extras?.TakeCopies() ?? [];

        // A copy of the present version, which only a session or a message has followed, need not be made twice.
        var isCopied = copies is [.., { } last] && last.Version == entity.Version;
        var present = isCopied ? copies[^1] : WholeCopies.Take(shard.Index, entity, entity.AtTicks);
        var row = new StoredEntity(
            shard.Index, entity.Key, entity.Version, entity.Sequence, present.Document, EntityMetadata.Encode(entity.Extras),
            new DateTimeOffset(entity.AtTicks, TimeSpan.Zero));
        var isTime = !isCopied && entity.Version / snapshotEvery > entity.SnapshotVersion / snapshotEvery;
        return new EncodedEntity(shard, entity, row, copies, isTime ? [.. copies, present] : copies)
        {
            Erasure = entity.Extras is { ErasedVersion: > 0, IsErasureStored: false } extras ? new StoredErasure(shard.Index, entity.Key, extras.ErasedVersion) : null,
        };
    }

    /// <summary>The row is stored. Under the shard's lock.</summary>
    public void Stored()
    {
        Entity.DirtySince = Entity.Sequence == Row.Sequence ? 0 : Row.Sequence + 1;
        if (Erasure is not null && Entity.Extras is { } extras && extras.ErasedVersion == Erasure.Version)
            extras.IsErasureStored = true;
        if (Snapshots is [.., { } newest])
            Entity.SnapshotVersion = newest.Version;
    }

    /// <summary>The row is not stored: it is to be tried again, and the copies with it. Under the shard's lock.</summary>
    public void PutBack()
    {
        if (Entity.IsDropped)
            return;

        // Without the row's own: a later row takes its place, or they would heap up where a row is refused again and again.
        if (Copies.Count > 0)
            Entity.NeedExtras().PutBack(Copies, WholeCopies.JournalKept(Shard.Context.Options));
        if (Entity.IsListedForCheckpoint)
            return;
        Entity.IsListedForCheckpoint = true;
        Shard.Dirty.Add(Entity);
    }
}
