using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Savepoint.Engine.Checkpoints;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Recovery;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Ownership;

/// <summary>
/// Takes shards and gives them up while others are served. Each ownership of a shard has a <see cref="Shard"/> of its own, so that a shard that is taken
/// again starts clean, and what an earlier ownership has under way still finds nothing in it that it could change.
/// </summary>
internal sealed class ShardOwnership(
    EngineContext context, SessionDesk sessions, EntityLoader loader, HandOver[] handOvers, ShardClosing closing) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly List<Task> _underWay = [];

    /// <summary>Takes all shards of a database, before anything is served.</summary>
    /// <exception cref="StoreException">The store failed: what is not served by then is being taken over still.</exception>
    public async Task TakeAllAsync(Database database, CancellationToken cancellationToken)
    {
        foreach (var shard in database.Shards)
            shard.Service = ShardService.TakenOver;
        var failures = await new ShardRecovery(context, sessions, database.Shards).RunAsync(cancellationToken);
        if (failures.Count > 0)
            ExceptionDispatchInfo.Throw(failures[failures.Keys.Min()]);
    }

    /// <summary>Takes shards over; each is served as soon as it is recovered.</summary>
    /// <returns>What came of each, by shard.</returns>
    public Task<IReadOnlyList<TakenShard>> TakeAsync(IEnumerable<int> shards, CancellationToken cancellationToken) =>
        Track(TakeEachAsync(shards, cancellationToken));

    /// <summary>Hands shards over.</summary>
    public Task<IReadOnlyList<ReleasedShard>> ReleaseAsync(IEnumerable<int> shards, CancellationToken cancellationToken) =>
        Track(ReleaseEachAsync(shards, cancellationToken));

    /// <summary>Stops serving shards at once.</summary>
    public void Drop(IEnumerable<int> shards)
    {
        foreach (var index in shards)
        {
            closing.Close(context.Shards[index], ShardService.NotOwned);
            context.Shards[index].Database.Feed.Drop(index);
        }
    }

    /// <summary>Looks whether this process still owns what it serves: a shard of each database tells, since who takes over takes all.</summary>
    /// <returns>A shard that another process has taken; null when there is none.</returns>
    /// <exception cref="StoreException">It could not be found out.</exception>
    public async Task<Shard?> FindLostAsync(CancellationToken cancellationToken)
    {
        foreach (var database in context.Databases)
        {
            if (database.Shards.FirstOrDefault(shard => shard.Service.IsHeld) is { } held)
                await CheckAsync(held, cancellationToken);
        }

        return context.Shards.FirstOrDefault(shard => shard.Service.Phase == ShardPhase.Lost);
    }

    /// <summary>Ends what is under way: shards that are being taken are not taken, and those that are being handed over go at once.</summary>
    // CancelAsync would leave the scheduler that the engine runs on for the thread pool.
    [SuppressMessage("Performance", "CA1849", Justification = "See above.")]
    public async Task StopAsync()
    {
        _stopping.Cancel();
        Task[] underWay;
        lock (_gate)
            underWay = [.. _underWay];

        // How each of them ends is for its caller to know.
        await Task.WhenAll(underWay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>From all databases at once: none waits for another that is slow.</summary>
    private async Task<IReadOnlyList<TakenShard>> TakeEachAsync(IEnumerable<int> shards, CancellationToken cancellationToken)
    {
        var parts = shards.Distinct().Order().GroupBy(index => context.Shards[index].Database);
        var taken = await Task.WhenAll(parts.Select(part => TakeFromAsync(part.Key, [.. part], cancellationToken)));
        return [.. taken.SelectMany(part => part)];
    }

    private async Task<IReadOnlyList<TakenShard>> TakeFromAsync(Database database, int[] wanted, CancellationToken cancellationToken)
    {
        if (!database.IsOpen)
            return [.. wanted.Select(index => new TakenShard(index, TakeOutcome.StoreFailed, database.StoreFailure))];
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, cancellationToken);
        var taken = new List<Shard>();
        try
        {
            foreach (var index in wanted)
            {
                await CheckAsync(context.Shards[index], ending.Token);
                if (await BeginAsync(index, ending.Token) is { } shard)
                    taken.Add(shard);
            }

            var failures = await new ShardRecovery(context, sessions, taken).RunAsync(ending.Token);
            database.Feed.Signal.Set();
            return [.. wanted.Select(index => Result(index, failures.GetValueOrDefault(index)))];
        }
        catch (StoreException failure)
        {
            return [.. wanted.Select(index => Result(index, failure))];
        }
        finally
        {
            foreach (var shard in taken)
                EndTaking(shard);
        }
    }

    /// <summary>A shard that is served may be another's by now, without a write that would have told: then it is to be taken again.</summary>
    private async Task CheckAsync(Shard shard, CancellationToken cancellationToken)
    {
        if (!shard.Service.IsHeld)
            return;
        var state = await shard.Store.ReadShardAsync(shard.Index, cancellationToken);
        if (state.Epoch != shard.Epoch)
            closing.Close(shard, ShardService.Lost);
    }

    /// <summary>
    /// Puts a shard of its own in place for the ownership that begins, once everybody who waited for the one before it has been answered.
    /// </summary>
    /// <returns>The shard; null when it is served already, or is in the hands of another call.</returns>
    private async Task<Shard?> BeginAsync(int index, CancellationToken cancellationToken)
    {
        while (true)
        {
            // It may have been dropped while it was waited for, when there was nothing of it yet that could be.
            cancellationToken.ThrowIfCancellationRequested();
            Shard before;
            Shard? taken = null;
            lock (context.Shards[index].Gate)
            {
                before = context.Shards[index];
                if (before.Service.IsHeld || before.Service.Phase == ShardPhase.TakenOver)
                    return null;
                if (before.IsSettled)
                    taken = context.Renew(before, ShardService.TakenOver);
            }

            if (taken is not null)
            {
                loader.EndAllWaits(before, before.Service.Refusal!);
                taken.Database.Feed.Drop(index);
                return taken;
            }

            await CommitBarrier.WaitAsync(before, cancellationToken);
        }
    }

    private TakenShard Result(int index, StoreException? failure)
    {
        lock (context.Shards[index].Gate)
        {
            var service = context.Shards[index].Service;
            return service.Phase switch
            {
                ShardPhase.Served => new TakenShard(index, TakeOutcome.Served),
                ShardPhase.Lost => new TakenShard(index, TakeOutcome.TakenByAnother, service.Trouble),
                ShardPhase.Failed => new TakenShard(index, TakeOutcome.Damaged, service.Trouble),
                ShardPhase.NotOwned when failure is null => new TakenShard(index, TakeOutcome.TakenByAnother, "it was dropped meanwhile"),
                _ when failure is not null => new TakenShard(index, TakeOutcome.StoreFailed, failure.Message),
                _ => new TakenShard(index, TakeOutcome.Busy),
            };
        }
    }

    /// <summary>What was begun and came to nothing can be taken again. That another was quicker is no trouble: the caller has been told.</summary>
    private static void EndTaking(Shard shard)
    {
        lock (shard.Gate)
        {
            if (shard.Service.Phase is ShardPhase.TakenOver or ShardPhase.Lost)
                shard.Close(ShardService.NotOwned);
        }
    }

    private async Task<IReadOnlyList<ReleasedShard>> ReleaseEachAsync(IEnumerable<int> shards, CancellationToken cancellationToken)
    {
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, cancellationToken);
        var held = new List<Shard>();
        foreach (var index in shards.Distinct().Order())
        {
            lock (context.Shards[index].Gate)
            {
                var shard = context.Shards[index];
                if (shard.Service.Phase == ShardPhase.Served)
                    held.Add(shard);
                else if (shard.Service.Trouble is not null)
                    shard.Service = ShardService.NotOwned;
            }
        }

        var parts = held.GroupBy(shard => shard.Database);
        var released = await Task.WhenAll(parts.Select(part => handOvers[part.Key.Index].RunAsync([.. part], hurry.Token)));
        return [.. released.SelectMany(part => part)];
    }

    private Task<T> Track<T>(Task<T> operation)
    {
        lock (_gate)
        {
            _underWay.RemoveAll(task => task.IsCompleted);
            _underWay.Add(operation);
        }

        return operation;
    }
}
