using Savepoint.Engine.Databases;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Commits;

/// <summary>Brings a commit's segments into the journal, or finds out for certain that they are not there.</summary>
internal sealed class JournalAppender(EngineContext context, Database database)
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(1);

    // Only appends count here: a checkpoint or a load that failed says nothing about the next commit.
    private bool _isFailing;

    /// <summary>The shard whose journal turned out to be another's, after <see cref="CommitOutcome.LostShards"/>.</summary>
    public int LostShard { get; private set; }

    /// <summary>Set when a barrier was written in place of the segments: the position that it took.</summary>
    public (int Shard, long Sequence)? Barrier { get; private set; }

    /// <summary>
    /// Appends. A failure that is known to have had no effect is tried again for a while; while the store is failing anyway, once only, so that
    /// callers hear soon.
    /// </summary>
    public async ValueTask<CommitOutcome> AppendAsync(IReadOnlyList<JournalSegment> segments, Guid commitId)
    {
        Barrier = null;
        var deadline = context.Now + (_isFailing ? 0 : context.Options.CommitRetry.Ticks);
        for (var backoff = FirstBackoff; ; backoff = Longer(backoff))
        {
            if (!await WaitForLeaseAsync(deadline))
                return CommitOutcome.NotApplied;
            try
            {
                await database.Store.AppendAsync(segments, CancellationToken.None);
                Works();
                return CommitOutcome.Committed;
            }
            catch (JournalConflictException conflict)
            {
                LostShard = conflict.Shard;
                return CommitOutcome.LostShards;
            }
            catch (StoreException failure)
            {
                (_isFailing, database.StoreFailure) = (true, failure.Message);
                if (failure.Outcome == WriteOutcome.Unknown)
                    return await ResolveAsync(segments[0], commitId);
                if (!failure.IsTransient || context.Now >= deadline)
                    return CommitOutcome.NotApplied;
            }

            await Task.Delay(context.Jitter(backoff), context.Time);
        }
    }

    /// <summary>Waits for the lease, where it is over: a renewal may only be late.</summary>
    /// <returns>Whether the commit may be started.</returns>
    private async ValueTask<bool> WaitForLeaseAsync(long deadline)
    {
        for (var backoff = FirstBackoff; context.Lease.IsOver; backoff = Longer(backoff))
        {
            if (context.Now >= deadline)
                return false;
            await Task.Delay(context.Jitter(backoff), context.Time);
        }

        return true;
    }

    /// <summary>
    /// Nobody knows whether the transaction happened, and it may be running still, so that not finding it proves nothing. So ask by writing:
    /// 1. append a barrier at the position of its first segment;
    /// 2. if the barrier goes in, the transaction never can;
    /// 3. if the position is taken, look whose it is: ours, then the whole transaction is in; the barrier's (its own answer was lost), then it is
    ///    not; another's, then the shard is lost;
    /// 4. if what lay there is gone, nobody can tell any more.
    /// </summary>
    private async ValueTask<CommitOutcome> ResolveAsync(JournalSegment first, Guid commitId)
    {
        var barrierId = context.NewGuid();
        var barrier = first with { LastSequence = first.FirstSequence, CommitId = barrierId, Payload = default };
        for (var backoff = FirstBackoff; ; backoff = Longer(backoff))
        {
            try
            {
                await database.Store.AppendAsync([barrier], CancellationToken.None);
                Barrier = (first.Shard, first.FirstSequence);
                return CommitOutcome.NotApplied;
            }
            catch (JournalConflictException)
            {
                if (await ReadOutcomeAsync(first, commitId, barrierId) is { } outcome)
                    return outcome;
            }
            catch (StoreException failure)
            {
                database.StoreFailure = failure.Message;
            }

            await Task.Delay(context.Jitter(backoff), context.Time);
        }
    }

    private async ValueTask<CommitOutcome?> ReadOutcomeAsync(JournalSegment first, Guid commitId, Guid barrierId)
    {
        try
        {
            var found = await database.Store.ReadContainingAsync(first.Shard, first.FirstSequence, CancellationToken.None);
            if (found is not { } segment)
                return CommitOutcome.Unknown;
            if (segment.CommitId == commitId)
            {
                Works();
                return CommitOutcome.Committed;
            }

            if (segment.CommitId == barrierId)
            {
                Barrier = (first.Shard, first.FirstSequence);
                return CommitOutcome.NotApplied;
            }

            LostShard = first.Shard;
            return CommitOutcome.LostShards;
        }
        catch (StoreException failure)
        {
            database.StoreFailure = failure.Message;
            return null;
        }
    }

    private void Works() => (_isFailing, database.StoreFailure) = (false, null);

    private static TimeSpan Longer(TimeSpan backoff) => backoff * 2 < MaxBackoff ? backoff * 2 : MaxBackoff;
}
