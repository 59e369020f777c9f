using System.Runtime.CompilerServices;
using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Testing;

/// <summary>A store that stands before another and may do to each call as it likes.</summary>
/// <param name="inner">The store behind it, which it disposes of.</param>
public abstract class StoreDecorator(IStore inner) : IStore
{
    // As large as a page of the SQLite store, so that a reader meets appends and trims between pages here too.
    private const int SegmentsPerPage = 64;

    /// <summary>The store behind it.</summary>
    protected IStore Inner => inner;

    /// <inheritdoc/>
    public ValueTask<StoreIdentity?> OpenAsync(StoreOpenOptions options, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.Open), token => inner.OpenAsync(options, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask CheckAsync(CancellationToken cancellationToken) =>
        Untyped(RunAsync(new StoreCall(StoreOperation.Check), token => Done(inner.CheckAsync(token)), cancellationToken));

    /// <inheritdoc/>
    public ValueTask AppendAsync(IReadOnlyList<JournalSegment> segments, CancellationToken cancellationToken) =>
        Untyped(RunAsync(
            new StoreCall(StoreOperation.Append) { Segments = segments, Store = inner }, token => Done(inner.AppendAsync(segments, token)), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<JournalSegment?> ReadTailAsync(int shard, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadJournal), token => inner.ReadTailAsync(shard, token), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalSegment> ReadAsync(int shard, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var after = afterSequence;
            var page = await RunAsync(
                new StoreCall(StoreOperation.ReadJournal), token => PageAsync(inner.ReadAsync(shard, after, token)), cancellationToken);
            foreach (var segment in page)
                yield return segment;
            if (page.Count < SegmentsPerPage)
                yield break;
            afterSequence = page[^1].LastSequence;
        }
    }

    /// <inheritdoc/>
    public ValueTask<JournalSegment?> ReadContainingAsync(int shard, long sequence, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadJournal), token => inner.ReadContainingAsync(shard, sequence, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimAsync(int shard, long throughSequence, DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.TrimJournal), token => inner.TrimAsync(shard, throughSequence, olderThan, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<JournalStatistics> ReadStatisticsAsync(CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadJournal), token => inner.ReadStatisticsAsync(token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredEntity?> ReadEntityAsync(int shard, EntityKey key, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadEntities) { Key = key }, token => inner.ReadEntityAsync(shard, key, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ReadEntitiesAsync(int shard, IReadOnlyList<EntityKey> keys, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadEntities), token => inner.ReadEntitiesAsync(shard, keys, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ListedEntity>> ListEntitiesAsync(EntityRange range, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadEntities), token => inner.ListEntitiesAsync(range, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<int>> WriteCheckpointAsync(CheckpointBatch batch, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.WriteCheckpoint) { Checkpoint = batch }, token => inner.WriteCheckpointAsync(batch, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrBelowAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        RunAsync(
            new StoreCall(StoreOperation.ReadSnapshot) { Key = key }, token => inner.ReadSnapshotAtOrBelowAsync(shard, key, version, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrAboveAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        RunAsync(
            new StoreCall(StoreOperation.ReadSnapshot) { Key = key }, token => inner.ReadSnapshotAtOrAboveAsync(shard, key, version, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimSnapshotsAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.TrimSnapshots), token => inner.TrimSnapshotsAsync(olderThan, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask QuarantineAsync(int shard, EntityKey key, string error, DateTimeOffset at, CancellationToken cancellationToken) =>
        Untyped(RunAsync(
            new StoreCall(StoreOperation.Quarantine) { Key = key }, token => Done(inner.QuarantineAsync(shard, key, error, at, token)), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ListQuarantinedAsync(StoredEntity? after, int limit, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadEntities), token => inner.ListQuarantinedAsync(after, limit, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ShardState> ReadShardAsync(int shard, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadShard), token => inner.ReadShardAsync(shard, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> ClaimShardAsync(int shard, long expectedEpoch, long newEpoch, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ClaimShard), token => inner.ClaimShardAsync(shard, expectedEpoch, newEpoch, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LedgerRow>> ReadLedgerAsync(int shard, DateOnly from, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadLedger), token => inner.ReadLedgerAsync(shard, from, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LedgerRow>> QueryLedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadLedger), token => inner.QueryLedgerAsync(query, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimLedgerAsync(DateOnly before, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.TrimLedger), token => inner.TrimLedgerAsync(before, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken) =>
        Untyped(RunAsync(
            new StoreCall(StoreOperation.WriteDeadLetter) { Key = letter.Key }, token => Done(inner.AddDeadLetterAsync(letter, token)), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadDeadLetters), token => inner.ListDeadLettersAsync(afterId, limit, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RemoveDeadLetterAsync(long id, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.WriteDeadLetter), token => inner.RemoveDeadLetterAsync(id, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return inner.DisposeAsync();
    }

    /// <summary>Stands in the way of a call.</summary>
    /// <param name="call">What is asked for.</param>
    /// <param name="run">Does it.</param>
    /// <param name="cancellationToken">Cancels it; up to the decorator whether only on its way, or also in the store.</param>
    protected abstract ValueTask<T> RunAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> run, CancellationToken cancellationToken);

    private static ValueTask Untyped(ValueTask<bool> task) => task.IsCompletedSuccessfully ? default : new ValueTask(task.AsTask());

    private static async ValueTask<bool> Done(ValueTask task)
    {
        await task;
        return true;
    }

    private static async ValueTask<List<JournalSegment>> PageAsync(IAsyncEnumerable<JournalSegment> segments)
    {
        var page = new List<JournalSegment>(SegmentsPerPage);
        await foreach (var segment in segments)
        {
            page.Add(segment);
            if (page.Count == SegmentsPerPage)
                break;
        }

        return page;
    }
}
