namespace Savepoint.Engine.Storage;

/// <summary>The checkpointed entities, their snapshots and the state of the shards in one database. Safe for concurrent use.</summary>
public interface IEntityStore
{
    /// <summary>Reads one entity as it was last checkpointed, or null when it never was.</summary>
    ValueTask<StoredEntity?> ReadEntityAsync(int shard, EntityKey key, CancellationToken cancellationToken);

    /// <summary>Reads several entities of one shard; what is not stored is left out. For recovery.</summary>
    ValueTask<IReadOnlyList<StoredEntity>> ReadEntitiesAsync(int shard, IReadOnlyList<EntityKey> keys, CancellationToken cancellationToken);

    /// <summary>
    /// Lists entities of one kind in a shard, in the order of their ids (<see cref="IdOrder"/>): also removed ones, with their tombstones, and unreadable ones,
    /// with their flags. The run is over where it has fewer rows than its limit, and fewer bytes of documents than it may have.
    /// </summary>
    ValueTask<IReadOnlyList<ListedEntity>> ListEntitiesAsync(EntityRange range, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a checkpoint in one durable transaction: entities, each only where the stored sequence number is lower; snapshots, where a version that has
    /// one keeps its document, with the higher of both sequence numbers and the later of both times; then erasures, which also take away snapshots that this
    /// checkpoint has written; then the states of shards, each only where the stored epoch is the same and the stored numbers are not higher, with their
    /// <see cref="ShardState.Ledger"/>.
    /// </summary>
    /// <returns>The shards whose state was not written because their epoch has changed.</returns>
    /// <exception cref="StoreException">Nothing was written. <see cref="StoreException.Key"/> names the entity at fault, where one is.</exception>
    ValueTask<IReadOnlyList<int>> WriteCheckpointAsync(CheckpointBatch batch, CancellationToken cancellationToken);

    /// <summary>The snapshot with the highest version at or below <paramref name="version"/>, or null.</summary>
    ValueTask<StoredSnapshot?> ReadSnapshotAtOrBelowAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken);

    /// <summary>The snapshot with the lowest version at or above <paramref name="version"/>, or null.</summary>
    ValueTask<StoredSnapshot?> ReadSnapshotAtOrAboveAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken);

    /// <summary>Removes the snapshots that were taken before a time.</summary>
    /// <returns>How many were removed.</returns>
    ValueTask<int> TrimSnapshotsAsync(DateTimeOffset olderThan, CancellationToken cancellationToken);

    /// <summary>
    /// Flags an entity as unreadable: it is kept as it is, served to nobody, and listed for people. One that was never checkpointed gets a row
    /// without a document, at version 0 and sequence number 0. Writing the entity with a higher sequence number and no error takes the flag away.
    /// </summary>
    ValueTask QuarantineAsync(int shard, EntityKey key, string error, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Lists the entities that are flagged as unreadable, by shard, kind and id.</summary>
    /// <param name="after">The last entity of the page before; null for the first page.</param>
    /// <param name="limit">The most to return.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<StoredEntity>> ListQuarantinedAsync(StoredEntity? after, int limit, CancellationToken cancellationToken);

    /// <summary>The state of a shard as its last owner left it; all zero when it never had one.</summary>
    ValueTask<ShardState> ReadShardAsync(int shard, CancellationToken cancellationToken);

    /// <summary>Raises the epoch of a shard if it is still <paramref name="expectedEpoch"/>.</summary>
    /// <returns>Whether the epoch was raised.</returns>
    ValueTask<bool> ClaimShardAsync(int shard, long expectedEpoch, long newEpoch, CancellationToken cancellationToken);
}

/// <summary>An entity as the database keeps it.</summary>
/// <param name="Shard">The shard that it belongs to.</param>
/// <param name="Key">Its key.</param>
/// <param name="Version">The number of its committed mutations.</param>
/// <param name="Sequence">The sequence number of its newest record; guards the row against older writes.</param>
/// <param name="Document">The canonical bytes of its document; null when it was removed, and the row is its tombstone.</param>
/// <param name="Metadata">What the engine keeps beside the document (session, messages), encoded by the engine.</param>
/// <param name="At">When the newest record was made.</param>
/// <param name="QuarantineError">Why it was flagged as unreadable; null for a healthy entity.</param>
public sealed record StoredEntity(
    int Shard,
    EntityKey Key,
    long Version,
    long Sequence,
    ReadOnlyMemory<byte>? Document,
    ReadOnlyMemory<byte> Metadata,
    DateTimeOffset At,
    string? QuarantineError = null);

/// <summary>A version of an entity that is kept whole, so that versions near it can be read without replaying all deltas.</summary>
/// <param name="Shard">The shard that it belongs to.</param>
/// <param name="Key">The entity.</param>
/// <param name="Version">The version.</param>
/// <param name="Sequence">The sequence number of the entity's newest record at this version, when it was kept.</param>
/// <param name="Document">The canonical bytes; null when this version was a removal.</param>
/// <param name="At">When that record was made, or the one that followed; retention counts from then.</param>
public sealed record StoredSnapshot(int Shard, EntityKey Key, long Version, long Sequence, ReadOnlyMemory<byte>? Document, DateTimeOffset At);

/// <summary>What the database keeps about a shard.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Epoch">The present ownership.</param>
/// <param name="CheckpointSequence">All records up to here are in the stored entities.</param>
/// <param name="PublishedSequence">All records up to here were published by the relay.</param>
/// <param name="Metadata">What the engine keeps per shard (writers and their outcomes) as of <paramref name="CheckpointSequence"/>, encoded by the engine.</param>
public sealed record ShardState(int Shard, long Epoch, long CheckpointSequence, long PublishedSequence, ReadOnlyMemory<byte> Metadata)
{
    /// <summary>
    /// Rows of the economy ledger with the whole sums of the shard up to <see cref="CheckpointSequence"/>. They take the place of stored ones, in the same transaction, where the
    /// state is written, or is there already; where it is not, they are not either. Not read with the state.
    /// </summary>
    public IReadOnlyList<LedgerRow> Ledger { get; init; } = [];
}

/// <summary>What one checkpoint transaction writes.</summary>
/// <param name="Entities">Entities, each at a committed version.</param>
/// <param name="Snapshots">Versions to keep whole.</param>
/// <param name="Shards">States of shards.</param>
public sealed record CheckpointBatch(IReadOnlyList<StoredEntity> Entities, IReadOnlyList<StoredSnapshot> Snapshots, IReadOnlyList<ShardState> Shards)
{
    /// <summary>What is to be gone when the checkpoint is written. The default value is none.</summary>
    public IReadOnlyList<StoredErasure> Erasures { get; init; } = [];
}

/// <summary>An entity that was erased.</summary>
/// <param name="Shard">The shard that it belongs to.</param>
/// <param name="Key">The entity.</param>
/// <param name="Version">The version of its tombstone: its snapshots below it go, and its dead letters.</param>
public sealed record StoredErasure(int Shard, EntityKey Key, long Version);
