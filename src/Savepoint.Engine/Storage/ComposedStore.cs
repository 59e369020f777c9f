namespace Savepoint.Engine.Storage;

/// <summary>A store that is put together from its parts, each of which does what its interface says.</summary>
public abstract class ComposedStore : IStore
{
    /// <summary>The journals.</summary>
    /// <exception cref="InvalidOperationException">The store is not open.</exception>
    protected abstract IJournalStore Journal { get; }

    /// <summary>The entities and the states of shards.</summary>
    /// <exception cref="InvalidOperationException">The store is not open.</exception>
    protected abstract IEntityStore Entities { get; }

    /// <summary>The economy ledger.</summary>
    /// <exception cref="InvalidOperationException">The store is not open.</exception>
    protected abstract ILedgerStore Ledger { get; }

    /// <summary>The dead letters.</summary>
    /// <exception cref="InvalidOperationException">The store is not open.</exception>
    protected abstract IDeadLetterStore DeadLetters { get; }

    /// <inheritdoc/>
    public abstract ValueTask<StoreIdentity?> OpenAsync(StoreOpenOptions options, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask CheckAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <inheritdoc/>
    public ValueTask AppendAsync(IReadOnlyList<JournalSegment> segments, CancellationToken cancellationToken) =>
        Journal.AppendAsync(segments, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<JournalSegment?> ReadTailAsync(int shard, CancellationToken cancellationToken) => Journal.ReadTailAsync(shard, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<JournalSegment> ReadAsync(int shard, long afterSequence, CancellationToken cancellationToken) =>
        Journal.ReadAsync(shard, afterSequence, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<JournalSegment?> ReadContainingAsync(int shard, long sequence, CancellationToken cancellationToken) =>
        Journal.ReadContainingAsync(shard, sequence, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimAsync(int shard, long throughSequence, DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        Journal.TrimAsync(shard, throughSequence, olderThan, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<JournalStatistics> ReadStatisticsAsync(CancellationToken cancellationToken) => Journal.ReadStatisticsAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredEntity?> ReadEntityAsync(int shard, EntityKey key, CancellationToken cancellationToken) =>
        Entities.ReadEntityAsync(shard, key, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ReadEntitiesAsync(int shard, IReadOnlyList<EntityKey> keys, CancellationToken cancellationToken) =>
        Entities.ReadEntitiesAsync(shard, keys, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ListedEntity>> ListEntitiesAsync(EntityRange range, CancellationToken cancellationToken) =>
        Entities.ListEntitiesAsync(range, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<int>> WriteCheckpointAsync(CheckpointBatch batch, CancellationToken cancellationToken) =>
        Entities.WriteCheckpointAsync(batch, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrBelowAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        Entities.ReadSnapshotAtOrBelowAsync(shard, key, version, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrAboveAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        Entities.ReadSnapshotAtOrAboveAsync(shard, key, version, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimSnapshotsAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        Entities.TrimSnapshotsAsync(olderThan, cancellationToken);

    /// <inheritdoc/>
    public ValueTask QuarantineAsync(int shard, EntityKey key, string error, DateTimeOffset at, CancellationToken cancellationToken) =>
        Entities.QuarantineAsync(shard, key, error, at, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ListQuarantinedAsync(StoredEntity? after, int limit, CancellationToken cancellationToken) =>
        Entities.ListQuarantinedAsync(after, limit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ShardState> ReadShardAsync(int shard, CancellationToken cancellationToken) => Entities.ReadShardAsync(shard, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> ClaimShardAsync(int shard, long expectedEpoch, long newEpoch, CancellationToken cancellationToken) =>
        Entities.ClaimShardAsync(shard, expectedEpoch, newEpoch, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LedgerRow>> ReadLedgerAsync(int shard, DateOnly from, CancellationToken cancellationToken) =>
        Ledger.ReadLedgerAsync(shard, from, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LedgerRow>> QueryLedgerAsync(LedgerQuery query, CancellationToken cancellationToken) => Ledger.QueryLedgerAsync(query, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimLedgerAsync(DateOnly before, CancellationToken cancellationToken) => Ledger.TrimLedgerAsync(before, cancellationToken);

    /// <inheritdoc/>
    public ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken) => DeadLetters.AddDeadLetterAsync(letter, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        DeadLetters.ListDeadLettersAsync(afterId, limit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RemoveDeadLetterAsync(long id, CancellationToken cancellationToken) => DeadLetters.RemoveDeadLetterAsync(id, cancellationToken);
}
