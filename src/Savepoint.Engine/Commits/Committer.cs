using Savepoint.Engine.Databases;

namespace Savepoint.Engine.Commits;

/// <summary>
/// Commits what the shards of a database have queued: one transaction after the other, each with everything that came in during the one before (E2). Its
/// answers go out before the next one is cut: whoever gets them may have more to ask for, which is in that one then.
/// </summary>
/// <remarks>
/// Measured in pairs on two cores with PostgreSQL, against answers that go out while the next commit is on its way: transfers through the SDK 123,700/s for 99,000, in the
/// process 182,900 for 169,300 and 166,800 for 164,200, changes of a character over HTTP about 5 % more.
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
