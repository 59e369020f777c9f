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
    public ValueTask<StoreIdentity> OpenAsync(StoreOpenOptions options, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.Open), () => inner.OpenAsync(options, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask CheckAsync(CancellationToken cancellationToken) =>
        await RunAsync(new StoreCall(StoreOperation.Check), () => Done(inner.CheckAsync(cancellationToken)), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask AppendAsync(IReadOnlyList<JournalSegment> segments, CancellationToken cancellationToken) =>
        await RunAsync(
            new StoreCall(StoreOperation.Append) { Segments = segments }, () => Done(inner.AppendAsync(segments, cancellationToken)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<JournalSegment?> ReadTailAsync(int shard, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadJournal), () => inner.ReadTailAsync(shard, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalSegment> ReadAsync(int shard, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var after = afterSequence;
            var page = await RunAsync(
                new StoreCall(StoreOperation.ReadJournal), () => PageAsync(inner.ReadAsync(shard, after, cancellationToken)), cancellationToken);
            foreach (var segment in page)
                yield return segment;
            if (page.Count < SegmentsPerPage)
                yield break;
            afterSequence = page[^1].LastSequence;
        }
    }

    /// <inheritdoc/>
    public ValueTask<JournalSegment?> ReadContainingAsync(int shard, long sequence, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadJournal), () => inner.ReadContainingAsync(shard, sequence, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimAsync(int shard, long throughSequence, DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.TrimJournal), () => inner.TrimAsync(shard, throughSequence, olderThan, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<JournalStatistics> ReadStatisticsAsync(CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadJournal), () => inner.ReadStatisticsAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredEntity?> ReadEntityAsync(int shard, EntityKey key, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadEntities) { Key = key }, () => inner.ReadEntityAsync(shard, key, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ReadEntitiesAsync(int shard, IReadOnlyList<EntityKey> keys, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadEntities), () => inner.ReadEntitiesAsync(shard, keys, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<int>> WriteCheckpointAsync(CheckpointBatch batch, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.WriteCheckpoint) { Checkpoint = batch }, () => inner.WriteCheckpointAsync(batch, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrBelowAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        RunAsync(
            new StoreCall(StoreOperation.ReadSnapshot) { Key = key }, () => inner.ReadSnapshotAtOrBelowAsync(shard, key, version, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrAboveAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        RunAsync(
            new StoreCall(StoreOperation.ReadSnapshot) { Key = key }, () => inner.ReadSnapshotAtOrAboveAsync(shard, key, version, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimSnapshotsAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.TrimSnapshots), () => inner.TrimSnapshotsAsync(olderThan, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask QuarantineAsync(int shard, EntityKey key, string error, DateTimeOffset at, CancellationToken cancellationToken) =>
        await RunAsync(
            new StoreCall(StoreOperation.Quarantine) { Key = key }, () => Done(inner.QuarantineAsync(shard, key, error, at, cancellationToken)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ListQuarantinedAsync(StoredEntity? after, int limit, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadEntities), () => inner.ListQuarantinedAsync(after, limit, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ShardState> ReadShardAsync(int shard, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadShard), () => inner.ReadShardAsync(shard, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> ClaimShardAsync(int shard, long expectedEpoch, long newEpoch, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ClaimShard), () => inner.ClaimShardAsync(shard, expectedEpoch, newEpoch, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken) =>
        await RunAsync(
            new StoreCall(StoreOperation.WriteDeadLetter) { Key = letter.Key }, () => Done(inner.AddDeadLetterAsync(letter, cancellationToken)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadDeadLetters), () => inner.ListDeadLettersAsync(afterId, limit, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RemoveDeadLetterAsync(long id, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.WriteDeadLetter), () => inner.RemoveDeadLetterAsync(id, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return inner.DisposeAsync();
    }

    /// <summary>Stands in the way of a call.</summary>
    /// <param name="call">What is asked for.</param>
    /// <param name="run">Does it.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    protected abstract ValueTask<T> RunAsync<T>(StoreCall call, Func<ValueTask<T>> run, CancellationToken cancellationToken);

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
