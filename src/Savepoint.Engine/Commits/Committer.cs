using Savepoint.Engine.Databases;

namespace Savepoint.Engine.Commits;

/// <summary>
/// Commits what the shards of a database have queued: one transaction after the other, each with everything that came in during the one before (E2). Answers
/// for a commit go out while the next one is on its way to the disk.
/// </summary>
internal sealed class Committer(EngineContext context, Database database, FailedCommit failedCommit, EngineMetrics metrics)
{
    private static readonly TimeSpan PauseForCheckpoints = TimeSpan.FromMilliseconds(5);

    private readonly JournalAppender _appender = new(context, database);

    public async Task RunAsync(CancellationToken stopping)
    {
        var (current, previous) = (new CommitBatch(context, database), new CommitBatch(context, database));
        while (true)
        {
            current.Cut();
            if (current.IsEmpty)
            {
                if (stopping.IsCancellationRequested)
                    return;
                await database.CommitterSignal.WaitAsync();
                continue;
            }

            // From here on each round has one commit under way and the one before it to publish.
            while (!current.IsEmpty)
            {
                var started = context.Time.GetTimestamp();
                var append = AppendAsync(current);
                Publish(previous);
                var outcome = await append;
                if (outcome == CommitOutcome.Committed)
                {
                    current.MarkCommitted();
                    database.Feed.Add(current.Segments);
                    metrics.Committed(database, current, context.Time.GetElapsedTime(started));
                    (current, previous) = (previous, current);
                }
                else
                {
                    failedCommit.TakeBack(current, outcome, _appender);
                }

                // Replay after a crash must stay short: when checkpoints have fallen far behind, they get the store for a moment.
                if (database.Counters.Uncheckpointed > 2 * context.Options.MaxUncheckpointedRecords && !database.IsCheckpointHeldBack)
                    await Task.Delay(PauseForCheckpoints, context.Time, CancellationToken.None);
                current.Cut();
            }

            Publish(previous);
        }
    }

    private ValueTask<CommitOutcome> AppendAsync(CommitBatch batch) => batch.Segments.Count == 0
        ? ValueTask.FromResult(CommitOutcome.Committed)
        : _appender.AppendAsync(batch.Segments, batch.CommitId);

    private static void Publish(CommitBatch batch)
    {
        if (batch.IsEmpty)
            return;
        batch.Publish();
        batch.Recycle();
    }
}
