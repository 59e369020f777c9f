using Savepoint.Engine.Checkpoints;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Maintenance;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;

namespace Savepoint.Engine.Ownership;

/// <summary>
/// Hands shards of a database over, so that their next owner has nothing to replay and nothing to wait for:
/// 1. checkpoint what has changed, while they are served: what is left for later is small;
/// 2. take no more requests for them; answer those who wait for something that the next owner will do; journal what Deferred properties hold;
/// 3. let everything that is queued be committed, answered and pushed;
/// 4. checkpoint the rest, with the outcomes of the writers and the relay's cursor;
/// 5. drop them from memory, and tell watchers and holders of sessions.
/// Requests get no answer between 2 and 5, which is one commit and one small checkpoint. Where the store fails, each half ends after a limit all the same:
/// the journal has whatever was acknowledged, and what is still on its way then is answered as it ends.
/// </summary>
internal sealed class HandOver(EngineContext context, EntityLoader loader, Sweeper sweeper, Checkpointer checkpointer, ShardClosing closing)
{
    /// <summary>Hands over.</summary>
    /// <param name="shards">Shards that are served.</param>
    /// <param name="hurry">Cancelled when there is no more time: what can't be done at once is left out.</param>
    public async Task<IReadOnlyList<ReleasedShard>> RunAsync(IReadOnlyList<Shard> shards, CancellationToken hurry)
    {
        var hasTurn = false;
        try
        {
            using (var serving = new Limit(context, hurry))
            {
                hasTurn = await serving.TryAsync(checkpointer.Turns.WaitAsync);
                if (hasTurn)
                    await serving.TryAsync(token => checkpointer.PassOverAsync(shards, token));
            }

            var stopped = shards.Where(StopServing).ToList();
            using var pause = new Limit(context, hurry);
            var isCommitted = await pause.TryAsync(token => CommitBarrier.WaitForAllAsync(stopped, token));
            if (isCommitted && hasTurn)
                await pause.TryAsync(token => checkpointer.PassOverAsync(stopped, token));
            var released = stopped.ConvertAll(Close).OfType<ReleasedShard>().ToList();
            if (isCommitted)
                await pause.TryAsync(token => CommitBarrier.WaitForAllAsync(stopped, token));
            foreach (var shard in stopped)
                Clean(shard);
            return released;
        }
        finally
        {
            if (hasTurn)
                checkpointer.Turns.End();
        }
    }

    private bool StopServing(Shard shard)
    {
        lock (shard.Gate)
        {
            if (shard.Service.Phase != ShardPhase.Served)
                return false;
            sweeper.JournalOverlays(shard);
            SessionLine.EndAll(shard, ShardService.HandedOver.Refusal!);
            shard.Service = ShardService.HandedOver;
        }

        loader.EndAllWaits(shard, ShardService.HandedOver.Refusal!);
        EndWaitsForHeld(shard);
        shard.Database.WakeCommitter();
        return true;
    }

    private void EndWaitsForHeld(Shard shard)
    {
        var waiting = new List<object>();
        lock (shard.Gate)
            shard.Units.Held.TakeAll(waiting);
        foreach (var waiter in waiting)
            context.Refuse(waiter, ShardService.HandedOver.Refusal!);
    }

    /// <returns>How it was left; null when it was lost meanwhile.</returns>
    private ReleasedShard? Close(Shard shard)
    {
        ReleasedShard? released = null;
        lock (shard.Gate)
        {
            if (shard.Service.IsHeld)
                released = new ReleasedShard(shard.Index, shard.CommittedSequence, shard.CheckpointSequence == shard.CommittedSequence);
            closing.Close(shard, ShardService.NotOwned);
            shard.Service = ShardService.NotOwned;
        }

        shard.Database.Feed.Drop(shard.Index);
        return released;
    }

    /// <summary>Keeps nothing of a shard, once everybody who waited for it has been answered.</summary>
    private void Clean(Shard shard)
    {
        lock (shard.Gate)
        {
            if (context.Shards[shard.Index] == shard && shard.IsSettled)
                context.Renew(shard, ShardService.NotOwned);
        }
    }

    /// <summary>The time that a half of a hand-over may take.</summary>
    private sealed class Limit : IDisposable
    {
        private readonly CancellationTokenSource _end;
        private readonly CancellationTokenSource _endOrHurry;

        public Limit(EngineContext context, CancellationToken hurry)
        {
            _end = new CancellationTokenSource(context.Options.ReleaseLimit, context.Time);
            _endOrHurry = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, hurry);
        }

        /// <returns>Whether it was done in time.</returns>
        public async Task<bool> TryAsync(Func<CancellationToken, Task> step)
        {
            try
            {
                await step(_endOrHurry.Token);
                return true;
            }
            catch (OperationCanceledException) when (_endOrHurry.IsCancellationRequested)
            {
                return false;
            }
        }

        public void Dispose()
        {
            _endOrHurry.Dispose();
            _end.Dispose();
        }
    }
}
