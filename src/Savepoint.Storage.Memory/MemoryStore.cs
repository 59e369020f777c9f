// Nothing in a store in memory waits: async only puts what is thrown into the task.
#pragma warning disable CS1998

using System.Runtime.CompilerServices;
using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Memory;

/// <summary>
/// A store whose database is memory. Every call completes before it returns; it starts no thread and no timer, so one run is as the other.
/// Safe for concurrent use.
/// </summary>
/// <param name="database">The database; outlives the store.</param>
public sealed class MemoryStore(MemoryDatabase database) : IStore
{
    // As large as a page of the SQLite store, so that a reader meets appends and trims between pages here too.
    private const int SegmentsPerPage = 64;

    private bool _isOpen;
    private bool _isDisposed;

    /// <inheritdoc/>
    public async ValueTask<StoreIdentity?> OpenAsync(StoreOpenOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isOpen) throw new InvalidOperationException("The store is open already.");
        var identity = database.Open(options);
        _isOpen = identity is not null;
        return identity;
    }

    /// <inheritdoc/>
    public ValueTask CheckAsync(CancellationToken cancellationToken) => RunAsync(static () => { }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask AppendAsync(IReadOnlyList<JournalSegment> segments, CancellationToken cancellationToken)
    {
        // Written out rather than over RunAsync: the hot path of benchmarks allocates no closure.
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
        RunAsync(() => database.Journal(shard, journal => journal.Tail), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalSegment> ReadAsync(int shard, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var after = afterSequence;
            var page = await RunAsync(() => database.Journal(shard, journal => journal.Read(after, SegmentsPerPage)), cancellationToken);
            foreach (var segment in page) yield return segment;
            if (page.Count < SegmentsPerPage) yield break;
            afterSequence = page[^1].LastSequence;
        }
    }

    /// <inheritdoc/>
    public ValueTask<JournalSegment?> ReadContainingAsync(int shard, long sequence, CancellationToken cancellationToken) =>
        RunAsync(() => database.Journal(shard, journal => journal.Containing(sequence)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimAsync(int shard, long throughSequence, DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        RunAsync(() => database.Journal(shard, journal => journal.Trim(throughSequence, olderThan)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<JournalStatistics> ReadStatisticsAsync(CancellationToken cancellationToken) => RunAsync(database.Statistics, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredEntity?> ReadEntityAsync(int shard, EntityKey key, CancellationToken cancellationToken) =>
        RunAsync(() => database.Entities(shard, entities => entities.Find(key)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ReadEntitiesAsync(int shard, IReadOnlyList<EntityKey> keys, CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<StoredEntity>>(
            () => database.Entities(shard, entities => keys.Select(entities.Find).OfType<StoredEntity>().ToList()), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ListedEntity>> ListEntitiesAsync(EntityRange range, CancellationToken cancellationToken) =>
        RunAsync(() => database.Entities(range.Shard, entities => entities.List(range)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<int>> WriteCheckpointAsync(CheckpointBatch batch, CancellationToken cancellationToken) =>
        RunAsync(() => database.Write(batch), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrBelowAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        RunAsync(() => database.Entities(shard, entities => entities.SnapshotAtOrBelow(key, version)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrAboveAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        RunAsync(() => database.Entities(shard, entities => entities.SnapshotAtOrAbove(key, version)), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimSnapshotsAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        RunAsync(() => database.TrimSnapshots(olderThan), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LedgerRow>> ReadLedgerAsync(int shard, DateOnly from, CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<LedgerRow>>(() => database.Entities(shard, entities => entities.Ledger.Where(row => row.Day >= from).ToList()), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LedgerRow>> QueryLedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        RunAsync(() => database.Ledger(query), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimLedgerAsync(DateOnly before, CancellationToken cancellationToken) => RunAsync(() => database.TrimLedger(before), cancellationToken);

    /// <inheritdoc/>
    public ValueTask QuarantineAsync(int shard, EntityKey key, string error, DateTimeOffset at, CancellationToken cancellationToken) =>
        RunAsync(() => database.Quarantine(shard, key, error, at), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ListQuarantinedAsync(StoredEntity? after, int limit, CancellationToken cancellationToken) =>
        RunAsync(() => database.Quarantined(after, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ShardState> ReadShardAsync(int shard, CancellationToken cancellationToken) =>
        RunAsync(() => database.Entities(shard, entities => entities.State), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> ClaimShardAsync(int shard, long expectedEpoch, long newEpoch, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(newEpoch, expectedEpoch);
        return RunAsync(() => database.Entities(shard, entities => entities.TryClaim(expectedEpoch, newEpoch)), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken) => RunAsync(() => database.Add(letter), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        RunAsync(() => database.DeadLetters(afterId, limit), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RemoveDeadLetterAsync(long id, CancellationToken cancellationToken) =>
        RunAsync(() => database.RemoveDeadLetter(id), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return ValueTask.CompletedTask;
    }

    private async ValueTask<T> RunAsync<T>(Func<T> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfNotOpen();
        return body();
    }

    private async ValueTask RunAsync(Action body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfNotOpen();
        body();
    }

    private void ThrowIfNotOpen()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_isOpen) throw new InvalidOperationException("The store has to be opened first.");
    }
}
