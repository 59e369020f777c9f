using System.Text;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Spanning;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Commits;

/// <summary>
/// A commit was given up. Everything queued after it may have built on it, so all of it is failed too, and every entity with uncommitted changes
/// is dropped from memory: its next use reads the durable state again. What has none goes on being served.
/// </summary>
internal sealed class FailedCommit(EngineContext context, Database database, WatchDesk watches)
{
    /// <summary>Takes back a commit and all that was queued behind it.</summary>
    /// <param name="failed">The commit.</param>
    /// <param name="outcome">What is known of it.</param>
    /// <param name="appender">Knows of lost shards and of barriers.</param>
    public void TakeBack(CommitBatch failed, CommitOutcome outcome, JournalAppender appender)
    {
        var queued = new CommitBatch(context, database);
        var eviction = new Eviction(context, watches);
        var released = new List<(Shard Shard, Prepare Prepare)>();
        foreach (var shard in database.Shards)
            shard.Gate.Enter();
        try
        {
            // The gates are reentrant: cutting under all of them leaves no room for a unit between the cut and the dropping.
            queued.Cut();
            var affected = failed.Parts.Concat(queued.Parts).Where(part => part.Batch.HasRecords).ToList();
            database.CommitsGivenUp++;
            foreach (var (shard, batch) in affected)
                DropChanged(shard, batch, eviction);

            // Also where nothing was journaled: a refusal may have looked at what is taken back in another shard.
            foreach (var (shard, _) in failed.Parts.Concat(queued.Parts))
            {
                shard.Writers.ForgetAfter(shard.CommittedSequence);
                released.AddRange(shard.Units.ForgetAfter(shard.CommittedSequence).Select(prepare => (shard, prepare)));
            }

            foreach (var shard in affected.Select(part => part.Shard).Distinct())
                Reset(shard, OutcomeFor(shard, failed, outcome), appender, eviction);
        }
        finally
        {
            foreach (var shard in database.Shards)
                shard.Gate.Exit();
        }

        failed.Fail(RefusalFor(outcome));

        // A repeat of the request that nobody knows the outcome of may be among them.
        queued.Fail(outcome == CommitOutcome.Unknown
            ? RefusalFor(outcome)
            : RefusalFor(outcome) with { Detail = "a change that it was queued behind could not be stored" });
        eviction.Tell(RefusalFor(outcome));
        failed.Recycle();
        queued.Recycle();
        foreach (var (shard, prepare) in released)
            shard.Units.Held.Drain(shard, prepare);
    }

    /// <summary>What was only queued behind an uncertain commit is certainly not in, and its shard still ours.</summary>
    private static CommitOutcome OutcomeFor(Shard shard, CommitBatch failed, CommitOutcome outcome) =>
        outcome == CommitOutcome.Unknown && !failed.Parts.Any(part => part.Shard == shard && part.Batch.HasRecords) ? CommitOutcome.NotApplied : outcome;

    private Refusal RefusalFor(CommitOutcome outcome) => outcome == CommitOutcome.Unknown
        ? new Refusal(RefusalCode.OutcomeUnknown)
        : new Refusal(RefusalCode.Unavailable)
        {
            Detail = "the change could not be stored",
            RetryAfter = TimeSpan.FromSeconds(1),
            ConcernsOwnership = outcome == CommitOutcome.LostShards || context.Lease.IsOver,
        };

    private void DropChanged(Shard shard, ShardBatch batch, Eviction eviction)
    {
        var reader = new SegmentReader(Segment(shard, batch), verify: false);
        while (reader.TryRead(out var record))
        {
            if (record.IsOfShard)
                continue;
            context.Kinds.TryGet(Encoding.UTF8.GetString(record.Kind), out var kind);
            var key = new EntityKey(kind!.Name, Encoding.UTF8.GetString(record.Id));
            if (!shard.Entities.TryGetValue(key, out var entity))
                continue;

            // This is its first record that is not durable: the one before it is the newest that is.
            if (record.PreviousSequence > 0)
                shard.Unstored[key] = record.PreviousSequence;
            eviction.LetGo(shard, entity);
            shard.Drop(entity, UnloadReason.Lost);
        }
    }

    private void Reset(Shard shard, CommitOutcome outcome, JournalAppender appender, Eviction eviction)
    {
        shard.LastSequence = shard.CommittedSequence;
        shard.LeasesSince = context.Now;
        if (appender.Barrier is { } barrier && barrier.Shard == shard.Index)
        {
            shard.LastSequence = shard.CommittedSequence = barrier.Sequence;
            if (shard.Service.IsHeld)
                database.Counters.AddUncheckpointed(1);
        }

        if (outcome == CommitOutcome.Unknown || (outcome == CommitOutcome.LostShards && shard.Index == appender.LostShard))
            eviction.Close(shard, ShardService.Lost);
    }

    private static JournalSegment Segment(Shard shard, ShardBatch batch) =>
        new(shard.Index, batch.FirstSequence, batch.LastSequence, shard.Epoch, Guid.Empty, default, batch.Records.Finish());
}
