using System.Runtime.CompilerServices;
using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Testing;

/// <summary>
/// A store whose database is memory. Without <paramref name="faults"/> every call completes before it returns; with them, a call waits only where they say so.
/// It starts no thread and no timer, so one run is as the other. Safe for concurrent use.
/// </summary>
/// <param name="database">The database; outlives the store.</param>
/// <param name="faults">What goes wrong; null for nothing.</param>
public sealed class MemoryStore(MemoryDatabase database, IStoreFaults? faults = null) : IStore
{
    // As large as a page of the SQLite store, so that a reader meets appends and trims between pages here too.
    private const int SegmentsPerPage = 64;

    private bool _isOpen;
    private bool _isDisposed;

    /// <inheritdoc/>
    public async ValueTask<StoreIdentity> OpenAsync(StoreOpenOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isOpen) throw new InvalidOperationException("The store is open already.");
        if (faults is not null) await faults.BeforeAsync(new StoreCall(StoreOperation.Open), cancellationToken);
        var identity = database.Open(options);
        _isOpen = true;
        return identity;
    }

    /// <inheritdoc/>
    public async ValueTask CheckAsync(CancellationToken cancellationToken) =>
        await RunAsync(new StoreCall(StoreOperation.Check), static () => true, cancellationToken);

    /// <inheritdoc/>
    public ValueTask AppendAsync(IReadOnlyList<JournalSegment> segments, CancellationToken cancellationToken)
    {
        if (faults is not null) return AppendWithFaultsAsync(segments, cancellationToken);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        try
        {
            ThrowIfNotOpen();
            database.Append(segments);
            return ValueTask.CompletedTask;
        }
#pragma warning disable CA1031 // The exception is not swallowed: it goes where an async method would put it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ValueTask.FromException(exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask<JournalSegment?> ReadTailAsync(int shard, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadJournal), () => database.Journal(shard, journal => journal.Tail), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalSegment> ReadAsync(int shard, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var after = afterSequence;
            var page = await RunAsync(
                new StoreCall(StoreOperation.ReadJournal), () => database.Journal(shard, journal => journal.Read(after, SegmentsPerPage)), cancellationToken);
            foreach (var segment in page) yield return segment;
            if (page.Count < SegmentsPerPage) yield break;
            afterSequence = page[^1].LastSequence;
        }
    }

    /// <inheritdoc/>
    public ValueTask<JournalSegment?> ReadContainingAsync(int shard, long sequence, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadJournal), () => database.Journal(shard, journal => journal.Containing(sequence)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimAsync(int shard, long throughSequence, DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.TrimJournal), () => database.Journal(shard, journal => journal.Trim(throughSequence, olderThan)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<JournalStatistics> ReadStatisticsAsync(CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadJournal), database.Statistics, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredEntity?> ReadEntityAsync(int shard, EntityKey key, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadEntities) { Key = key }, () => database.Entities(shard, entities => entities.Find(key)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ReadEntitiesAsync(int shard, IReadOnlyList<EntityKey> keys, CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<StoredEntity>>(
            new StoreCall(StoreOperation.ReadEntities),
            () => database.Entities(shard, entities => keys.Select(entities.Find).OfType<StoredEntity>().ToList()),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<int>> WriteCheckpointAsync(CheckpointBatch batch, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.WriteCheckpoint) { Checkpoint = batch }, () => database.Write(batch), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrBelowAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        RunAsync(
            new StoreCall(StoreOperation.ReadSnapshot) { Key = key }, () => database.Entities(shard, entities => entities.SnapshotAtOrBelow(key, version)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrAboveAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        RunAsync(
            new StoreCall(StoreOperation.ReadSnapshot) { Key = key }, () => database.Entities(shard, entities => entities.SnapshotAtOrAbove(key, version)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimSnapshotsAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.TrimSnapshots), () => database.TrimSnapshots(olderThan), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask QuarantineAsync(int shard, EntityKey key, string error, DateTimeOffset at, CancellationToken cancellationToken) =>
        await RunAsync(
            new StoreCall(StoreOperation.Quarantine) { Key = key },
            () => database.Entities(shard, entities =>
            {
                entities.Quarantine(key, error, at);
                return true;
            }),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ListQuarantinedAsync(StoredEntity? after, int limit, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadEntities), () => database.Quarantined(after, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ShardState> ReadShardAsync(int shard, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadShard), () => database.Entities(shard, entities => entities.State), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> ClaimShardAsync(int shard, long expectedEpoch, long newEpoch, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(newEpoch, expectedEpoch);
        return RunAsync(
            new StoreCall(StoreOperation.ClaimShard), () => database.Entities(shard, entities => entities.TryClaim(expectedEpoch, newEpoch)), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken) =>
        await RunAsync(
            new StoreCall(StoreOperation.WriteDeadLetter) { Key = letter.Key },
            () =>
            {
                database.Add(letter);
                return true;
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadDeadLetters), () => database.DeadLetters(afterId, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RemoveDeadLetterAsync(long id, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.WriteDeadLetter), () => database.RemoveDeadLetter(id), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return ValueTask.CompletedTask;
    }

    private async ValueTask AppendWithFaultsAsync(IReadOnlyList<JournalSegment> segments, CancellationToken cancellationToken)
    {
        await RunAsync(
            new StoreCall(StoreOperation.Append) { Segments = segments, Database = database },
            () =>
            {
                database.Append(segments);
                return true;
            },
            cancellationToken);
    }

    private async ValueTask<T> RunAsync<T>(StoreCall call, Func<T> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfNotOpen();
        if (faults is not null) await faults.BeforeAsync(call, cancellationToken);
        var result = body();
        if (faults is not null && call.IsWrite) await faults.AfterCommitAsync(call);
        return result;
    }

    private void ThrowIfNotOpen()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_isOpen) throw new InvalidOperationException("The store has to be opened first.");
    }
}
