using Savepoint.Engine.Commits;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Ownership;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Checkpoints;

/// <summary>
/// Writes the newest document of each changed entity to the store, in passes over all shards of a database: what changed is listed, encoded and, once it
/// is durable in the journal, upserted in batches; then the shards' checkpoint numbers follow. A pass begins at most once per save interval;
/// when passes get long the interval stretches, so that they take a fifth of the time at most, unless too much waits for its checkpoint.
/// </summary>
internal sealed class Checkpointer(EngineContext context, Database database, EngineMetrics metrics, EntityLoader loader, ShardClosing closing)
{
    private const int LongestShareOfTime = 5;

    private readonly CheckpointWriter _writer = new(context, database, metrics);

    // As of the first entity of the batch at hand.
    private long _commitsGivenUp;

    // Rows may also be left because the commit that they waited for was given up: the next pass stores those.
    private bool _hasRefusedRows;

    /// <summary>Passes are made one after the other: a checkpoint number must not pass what another pass is still writing.</summary>
    public Turns Turns { get; } = new();

    public async Task RunAsync(CancellationToken stopping)
    {
        var pause = context.Options.SaveInterval;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await PauseAsync(pause, stopping);
                var started = context.Now;
                await PassAsync(stopping);
                pause = PauseAfter(TimeSpan.FromTicks(context.Now - started));
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Stores everything that has changed up to now.</summary>
    public async Task PassAsync(CancellationToken cancellationToken)
    {
        await Turns.WaitAsync(cancellationToken);
        try
        {
            var started = context.Now;
            _hasRefusedRows = false;
            var all = await PassOverAsync(database.Shards, cancellationToken);
            database.IsCheckpointHeldBack = _hasRefusedRows;
            if (all)
                database.StoredUpTo = started;
        }
        finally
        {
            Turns.End();
        }
    }

    /// <summary>Stores everything that has changed in some shards up to now. For who has the turn.</summary>
    /// <returns>Whether all of it was stored.</returns>
    public async Task<bool> PassOverAsync(IReadOnlyList<Shard> shards, CancellationToken cancellationToken)
    {
        var passes = Begin(shards);
        if (passes.Count == 0)
            return true;
        var all = true;
        try
        {
            var batch = new List<EncodedEntity>(context.Options.CheckpointBatchSize);
            foreach (var pass in passes)
            {
                pass.SortByKey();
                while (pass.Encoded < pass.Entities.Count)
                {
                    Encode(pass, batch);
                    if (batch.Count == context.Options.CheckpointBatchSize)
                        all &= await FlushAsync(batch, passes, cancellationToken);
                }
            }

            all &= await FlushAsync(batch, passes, cancellationToken);

            // Records of outcomes have no entity, whose writing would have waited until they are durable.
            if (passes.Find(pass => !pass.IsCommitted) is { } waiting)
                await CommitBarrier.WaitAsync(waiting.Shard, cancellationToken);
        }
        catch
        {
            foreach (var pass in passes)
                pass.PutBackRest();
            throw;
        }

        await StoreStatesAsync(passes, cancellationToken);
        return all;
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken stopping)
    {
        // In steps, so that the pause ends early when too much waits.
        var until = context.Now + pause.Ticks;
        while (context.Now < until)
        {
            var isBehind = database.Counters.Uncheckpointed > context.Options.MaxUncheckpointedRecords;
            if (isBehind && !database.IsCheckpointHeldBack && context.Now - database.StoredUpTo > context.Options.SaveInterval.Ticks)
                return;
            // Delays count whole milliseconds: a shorter one would not let any time go by on a virtual clock.
            var step = Math.Max(TimeSpan.TicksPerMillisecond, Math.Min(until - context.Now, context.Options.SaveInterval.Ticks / 4));
            await Task.Delay(TimeSpan.FromTicks(step), context.Time, stopping);
        }
    }

    private TimeSpan PauseAfter(TimeSpan pass)
    {
        var stretched = pass * (LongestShareOfTime - 1);
        var (least, most) = (context.Options.SaveInterval, context.Options.MaxSaveInterval);
        return stretched < least ? least : stretched > most ? most : stretched;
    }

    private List<ShardPass> Begin(IReadOnlyList<Shard> shards)
    {
        var passes = new List<ShardPass>();
        foreach (var shard in shards)
        {
            lock (shard.Gate)
            {
                if (!shard.NeedsCheckpoint)
                    continue;
                foreach (var key in shard.Unstored.Keys)
                    loader.Begin(shard, key);
                passes.Add(new ShardPass(shard));
            }
        }

        return passes;
    }

    private void Encode(ShardPass pass, List<EncodedEntity> batch)
    {
        const int oneHold = 64;
        var from = pass.Encoded;
        var until = Math.Min(Math.Min(pass.Entities.Count, from + oneHold), from + context.Options.CheckpointBatchSize - batch.Count);
        lock (pass.Shard.Gate)
        {
            if (batch.Count == 0)
                _commitsGivenUp = database.CommitsGivenUp;
            for (; from < until; from++)
            {
                if (pass.Entities[from] is { IsDropped: false, Extras: null or { QuarantineError: null } } entity)
                    batch.Add(EncodedEntity.From(pass.Shard, entity, context.Options.SnapshotEvery));
            }

            pass.Encoded = until;
        }
    }

    /// <returns>Whether all of them were stored.</returns>
    private async Task<bool> FlushAsync(List<EncodedEntity> batch, List<ShardPass> passes, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
            return true;
        try
        {
            // What was encoded may have been taken back since, before the barrier was queued: then nobody will ever make it durable.
            var isDurable = await CommitBarrier.WaitAsync(batch[0].Shard, cancellationToken) && !WasAnyGivenUp(batch[0].Shard);
            var left = isDurable ? await _writer.WriteAsync(batch, cancellationToken) : batch;
            _hasRefusedRows |= isDurable && left.Count > 0;
            foreach (var one in left)
                Leave(one, passes);
            return left.Count == 0;
        }
        catch
        {
            foreach (var one in batch)
                Leave(one, passes);
            throw;
        }
        finally
        {
            batch.Clear();
        }
    }

    private bool WasAnyGivenUp(Shard shard)
    {
        lock (shard.Gate)
            return _commitsGivenUp != database.CommitsGivenUp;
    }

    private static void Leave(EncodedEntity one, List<ShardPass> passes)
    {
        lock (one.Shard.Gate)
        {
            passes.Find(pass => pass.Shard == one.Shard)!.Left(one.Entity);
            one.PutBack();
        }
    }

    private async Task StoreStatesAsync(List<ShardPass> passes, CancellationToken cancellationToken)
    {
        var states = new List<(ShardPass Pass, ShardState State)>();
        foreach (var pass in passes)
        {
            if (pass.State() is { } state)
                states.Add((pass, state));
        }

        if (states.Count == 0)
            return;
        var lost = await _writer.WriteAsync(states.ConvertAll(one => one.State), cancellationToken);
        foreach (var (pass, state) in states)
        {
            if (lost.Contains(state.Shard))
                closing.Close(pass.Shard, ShardService.Lost);
            else
                database.Counters.AddUncheckpointed(-pass.Stored(state));
        }
    }
}
