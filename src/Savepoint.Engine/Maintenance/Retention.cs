using Savepoint.Engine.Checkpoints;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Recovery;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Maintenance;

/// <summary>
/// Removes from a database what retention no longer asks for: journal segments by age and by size, but only what is checkpointed and published, and what no entity that
/// can't be read needs for its repair; and old snapshots.
/// </summary>
internal sealed class Retention(EngineContext context, Database database)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // When the journal is too large, the oldest part of the time that it covers goes in each round.
    private const int OldestPart = 20;

    private const int PageSize = 500;

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(context.Jitter(Interval), context.Time, stopping);
                if (database.IsOpen)
                    await RunOnceAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (StoreException failure)
            {
                database.StoreFailure ??= failure.Message;
            }
        }
    }

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = context.Time.GetUtcNow();
        var olderThan = now - WholeCopies.JournalKept(context.Options);
        var statistics = await database.Store.ReadStatisticsAsync(cancellationToken);
        database.IsJournalFull = statistics.PayloadBytes >= context.Options.MaxJournalBytes;
        if (statistics.PayloadBytes > context.Options.JournalRetentionBytes && statistics.OldestAt is { } oldest)
            olderThan = Later(olderThan, oldest + ((now - oldest) / OldestPart));

        // In this order: what is flagged after it was looked for has records behind the checkpoints of before.
        var limits = new long[context.Shards.Length];
        foreach (var shard in database.Shards)
            limits[shard.Index] = TrimmableUpTo(shard);
        await HoldBackAsync(limits, cancellationToken);
        if (statistics.OldestAt < olderThan)
        {
            for (var shard = 0; shard < limits.Length; shard++)
            {
                if (limits[shard] > 0)
                    await database.Store.TrimAsync(shard, limits[shard], olderThan, cancellationToken);
            }
        }

        await database.Store.TrimSnapshotsAsync(now - WholeCopies.SnapshotsKept(context.Options), cancellationToken);
        await database.Store.TrimLedgerAsync(DateOnly.FromDateTime((now - context.Options.LedgerRetention).UtcDateTime), cancellationToken);
    }

    /// <summary>Keeps the journal behind the stored rows of entities that can't be read and have newer changes in it.</summary>
    private async ValueTask HoldBackAsync(long[] limits, CancellationToken cancellationToken)
    {
        var held = new HashSet<int>();
        var quarantined = 0;
        for (StoredEntity? last = null; ;)
        {
            var page = await database.Store.ListQuarantinedAsync(last, PageSize, cancellationToken);
            foreach (var row in page)
            {
                if (IsHeld(context.Shards[row.Shard]))
                    quarantined++;
                if (!JournalOnly.IsIn(row.QuarantineError) || limits[row.Shard] == 0)
                    continue;
                limits[row.Shard] = Math.Min(limits[row.Shard], row.Sequence);
                held.Add(row.Shard);
            }

            if (page.Count < PageSize)
                break;
            last = page[^1];
        }

        database.HeldBackShards = held.Count;
        database.QuarantinedEntities = quarantined;
    }

    private static bool IsHeld(Shard shard)
    {
        lock (shard.Gate)
            return shard.Service.IsHeld;
    }

    private long TrimmableUpTo(Shard shard)
    {
        lock (shard.Gate)
        {
            if (!shard.Service.IsHeld)
                return 0;
            return context.HasPublisher ? Math.Min(shard.CheckpointSequence, shard.StoredPublished) : shard.CheckpointSequence;
        }
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
