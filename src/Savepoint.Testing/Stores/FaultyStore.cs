using System.Runtime.CompilerServices;
using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Testing;

/// <summary>
/// Lets any store misbehave: before each call, and after each write that took effect, the faults have their say. It adds no thread and no timer,
/// and a call waits only where the faults or the store do. What the faults delay is a call on its way: cancelling counts before it, or where the faults
/// honour it, and no more in the store. Safe for concurrent use.
/// </summary>
/// <param name="inner">The store that does the work; disposed with this.</param>
/// <param name="faults">What goes wrong.</param>
public sealed class FaultyStore(IStore inner, IStoreFaults faults) : IStore
{
    // As large as a page of the stores, so that a reader meets a fault wherever it would read on in the database.
    private const int SegmentsPerPage = 64;

    /// <inheritdoc/>
    public ValueTask<StoreIdentity> OpenAsync(StoreOpenOptions options, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.Open), token => inner.OpenAsync(options, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask CheckAsync(CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.Check), token => inner.CheckAsync(token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask AppendAsync(IReadOnlyList<JournalSegment> segments, CancellationToken cancellationToken) =>
        RunAsync(
            new StoreCall(StoreOperation.Append) { Segments = segments, Store = inner }, token => inner.AppendAsync(segments, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<JournalSegment?> ReadTailAsync(int shard, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadJournal), token => inner.ReadTailAsync(shard, token), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalSegment> ReadAsync(int shard, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var segments = inner.ReadAsync(shard, afterSequence, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        for (var read = 0; ; read++)
        {
            if (read % SegmentsPerPage == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await faults.BeforeAsync(new StoreCall(StoreOperation.ReadJournal), cancellationToken);
            }

            if (!await segments.MoveNextAsync()) yield break;
            yield return segments.Current;
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
    public ValueTask<IReadOnlyList<int>> WriteCheckpointAsync(CheckpointBatch batch, CancellationToken cancellationToken) =>
        RunAsync(
            new StoreCall(StoreOperation.WriteCheckpoint) { Checkpoint = batch }, token => inner.WriteCheckpointAsync(batch, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrBelowAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        RunAsync(
            new StoreCall(StoreOperation.ReadSnapshot) { Key = key },
            token => inner.ReadSnapshotAtOrBelowAsync(shard, key, version, token),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrAboveAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        RunAsync(
            new StoreCall(StoreOperation.ReadSnapshot) { Key = key },
            token => inner.ReadSnapshotAtOrAboveAsync(shard, key, version, token),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimSnapshotsAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.TrimSnapshots), token => inner.TrimSnapshotsAsync(olderThan, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask QuarantineAsync(int shard, EntityKey key, string error, DateTimeOffset at, CancellationToken cancellationToken) =>
        RunAsync(
            new StoreCall(StoreOperation.Quarantine) { Key = key }, token => inner.QuarantineAsync(shard, key, error, at, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ListQuarantinedAsync(StoredEntity? after, int limit, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadEntities), token => inner.ListQuarantinedAsync(after, limit, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ShardState> ReadShardAsync(int shard, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadShard), token => inner.ReadShardAsync(shard, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> ClaimShardAsync(int shard, long expectedEpoch, long newEpoch, CancellationToken cancellationToken) =>
        RunAsync(
            new StoreCall(StoreOperation.ClaimShard), token => inner.ClaimShardAsync(shard, expectedEpoch, newEpoch, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.WriteDeadLetter) { Key = letter.Key }, token => inner.AddDeadLetterAsync(letter, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.ReadDeadLetters), token => inner.ListDeadLettersAsync(afterId, limit, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RemoveDeadLetterAsync(long id, CancellationToken cancellationToken) =>
        RunAsync(new StoreCall(StoreOperation.WriteDeadLetter), token => inner.RemoveDeadLetterAsync(id, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async ValueTask<T> RunAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await faults.BeforeAsync(call, cancellationToken);
        var result = await body(CancellationToken.None);
        if (call.IsWrite) await faults.AfterCommitAsync(call);
        return result;
    }

    private async ValueTask RunAsync(StoreCall call, Func<CancellationToken, ValueTask> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await faults.BeforeAsync(call, cancellationToken);
        await body(CancellationToken.None);
        if (call.IsWrite) await faults.AfterCommitAsync(call);
    }
}
