using Savepoint.Engine.Databases;

namespace Savepoint.Engine.Commits;

/// <summary>
/// Commits what the shards of a database have queued: one transaction after the other, each with everything that came in during the one before (E2). Its
/// answers go out before the next one is cut: whoever gets them may have more to ask for, which is in that one then.
/// </summary>
/// <remarks>
/// Measured with PostgreSQL on two cores, against answers that go out while the next commit is on its way: transfers in the process 146,000 and 167,000/s for 116,000 and
/// 103,000/s, half of the latency; changes of a character over HTTP 5 % more.
/// </remarks>
internal sealed class Committer(EngineContext context, Database database, FailedCommit failedCommit, EngineMetrics metrics)
{
    private static readonly TimeSpan PauseForCheckpoints = TimeSpan.FromMilliseconds(5);

    private readonly JournalAppender _appender = new(context, database);

    public async Task RunAsync(CancellationToken stopping)
    {
        var batch = new CommitBatch(context, database);
        while (true)
        {
            batch.Cut();
            if (batch.IsEmpty)
            {
                if (stopping.IsCancellationRequested)
                    return;
                await database.CommitterSignal.WaitAsync();
                continue;
            }

            var started = context.Time.GetTimestamp();
            var outcome = await AppendAsync(batch);
            if (outcome == CommitOutcome.Committed)
            {
                batch.MarkCommitted();
                database.Feed.Add(batch.Segments);
                metrics.Committed(database, batch, context.Time.GetElapsedTime(started));
                batch.Publish();
                batch.Recycle();
            }
            else
            {
                failedCommit.TakeBack(batch, outcome, _appender);
            }

            // Replay after a crash must stay short: when checkpoints have fallen far behind, they get the store for a moment.
            if (database.Counters.Uncheckpointed > 2 * context.Options.MaxUncheckpointedRecords && !database.IsCheckpointHeldBack)
                await Task.Delay(PauseForCheckpoints, context.Time, CancellationToken.None);
        }
    }

    private ValueTask<CommitOutcome> AppendAsync(CommitBatch batch) => batch.Segments.Count == 0
        ? ValueTask.FromResult(CommitOutcome.Committed)
        : _appender.AppendAsync(batch.Segments, batch.CommitId);
}
