using Savepoint.Engine.Databases;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Checkpoints;

/// <summary>
/// Writes checkpoint batches; tries again with growing pauses what fails, without losing or reordering anything. A row that the store refuses
/// again and again goes to the dead letters with its error, and the rest of its batch goes through; the row is tried again with every pass, and
/// the journal keeps its records as long.
/// </summary>
internal sealed class CheckpointWriter(EngineContext context, Database database, EngineMetrics metrics)
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(10);

    // Rows that are dead letters already, and are not reported again.
    private readonly HashSet<EntityKey> _reported = [];

    /// <summary>Writes entities.</summary>
    /// <returns>Those that can't be stored.</returns>
    public async Task<List<EncodedEntity>> WriteAsync(List<EncodedEntity> batch, CancellationToken cancellationToken)
    {
        var left = new List<EncodedEntity>();
        var rest = new List<EncodedEntity>(batch);
        var failures = new Dictionary<EntityKey, int>();
        var backoff = FirstBackoff;
        while (rest.Count > 0)
        {
            try
            {
                var started = context.Time.GetTimestamp();
                await database.Store.WriteCheckpointAsync(
                    new CheckpointBatch(rest.ConvertAll(one => one.Row), rest.SelectMany(one => one.Snapshots).ToList(), [])
                    {
                        Erasures = [.. rest.Select(one => one.Erasure).OfType<StoredErasure>()],
                    },
                    cancellationToken);
                database.StoreFailure = null;
                metrics.Checkpointed(database, rest.Count, context.Time.GetElapsedTime(started));
                Stored(rest);
                return left;
            }
            catch (StoreException failure) when (failure.Key is { } key && rest.Exists(one => one.Row.Key == key))
            {
                var attempts = failures[key] = failures.GetValueOrDefault(key) + 1;
                if (attempts >= context.Options.CheckpointAttempts || _reported.Contains(key))
                {
                    var poison = rest.Find(one => one.Row.Key == key)!;
                    rest.Remove(poison);
                    left.Add(poison);
                    await ReportAsync(poison, failure, attempts, cancellationToken);
                    continue;
                }
            }
            catch (StoreException failure)
            {
                database.StoreFailure ??= failure.Message;
            }

            await Task.Delay(context.Jitter(backoff), context.Time, cancellationToken);
            backoff = backoff * 2 < MaxBackoff ? backoff * 2 : MaxBackoff;
        }

        return left;
    }

    /// <summary>Writes the states of shards.</summary>
    /// <returns>The shards that another owner has taken.</returns>
    public async Task<IReadOnlyList<int>> WriteAsync(List<ShardState> states, CancellationToken cancellationToken)
    {
        for (var backoff = FirstBackoff; ; backoff = backoff * 2 < MaxBackoff ? backoff * 2 : MaxBackoff)
        {
            try
            {
                return await database.Store.WriteCheckpointAsync(new CheckpointBatch([], [], states), cancellationToken);
            }
            catch (StoreException failure)
            {
                database.StoreFailure ??= failure.Message;
            }

            await Task.Delay(context.Jitter(backoff), context.Time, cancellationToken);
        }
    }

    private void Stored(List<EncodedEntity> batch)
    {
        // Neighbours mostly share a shard: one lock for each run of them.
        for (var from = 0; from < batch.Count;)
        {
            var shard = batch[from].Shard;
            lock (shard.Gate)
            {
                for (; from < batch.Count && batch[from].Shard == shard; from++)
                    batch[from].Stored();
            }
        }

        if (_reported.Count > 0)
            _reported.ExceptWith(batch.Select(one => one.Row.Key));
    }

    private async Task ReportAsync(EncodedEntity poison, StoreException failure, int attempts, CancellationToken cancellationToken)
    {
        if (!_reported.Add(poison.Row.Key))
            return;
        metrics.DeadLetter(database, "checkpoint");
        try
        {
            await database.Store.AddDeadLetterAsync(
                new DeadLetter(
                    0, "checkpoint", poison.Row.Shard, poison.Row.Key, poison.Row.Sequence, poison.Row.Document ?? default,
                    failure.Message, attempts, context.Time.GetUtcNow()),
                cancellationToken);
        }
        catch (StoreException unreported)
        {
            database.StoreFailure ??= unreported.Message;
            _reported.Remove(poison.Row.Key);
        }
    }
}
