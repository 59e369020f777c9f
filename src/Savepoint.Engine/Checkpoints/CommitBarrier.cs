using Savepoint.Engine.Commits;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Checkpoints;

/// <summary>Waits until all that was queued when it was made is durable, in every shard of a database: cuts are made over all of them at one moment.</summary>
internal sealed class CommitBarrier : Effect
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Queues a barrier.</summary>
    /// <returns>Whether all of it became durable; false when a commit was given up.</returns>
    public static async Task<bool> WaitAsync(Shard shard, CancellationToken cancellationToken)
    {
        var barrier = new CommitBarrier();
        lock (shard.Gate)
        {
            // The shard's ownership may be over: only what lies in the present one is cut.
            shard.Context.Shards[shard.Index].Then(barrier);
        }

        // Task.WaitAsync would leave the scheduler.
        using var givingUp = cancellationToken.Register(() => barrier._done.TrySetCanceled(cancellationToken));
        return await barrier._done.Task;
    }

    /// <summary>Waits until all that was queued in shards has come to its end, and everybody who waited for it has been told.</summary>
    public static Task WaitForAllAsync(IEnumerable<Shard> shards, CancellationToken cancellationToken) =>
        Task.WhenAll(shards.Select(shard => WaitAsync(shard, cancellationToken)));

    public override void Run() => _done.TrySetResult(true);

    public override void Fail(Refusal refusal) => _done.TrySetResult(false);
}
