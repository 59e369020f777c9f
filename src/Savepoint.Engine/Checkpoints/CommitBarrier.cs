using Savepoint.Engine.Commits;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Checkpoints;

/// <summary>Waits until all that was queued when it was made is durable, in every shard: cuts are made over all of them at one moment.</summary>
internal sealed class CommitBarrier : Effect
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Queues a barrier.</summary>
    /// <returns>Whether all of it became durable; false when a commit was given up.</returns>
    public static Task<bool> WaitAsync(Shard shard)
    {
        var barrier = new CommitBarrier();
        lock (shard.Gate)
            shard.Then(barrier);
        return barrier._done.Task;
    }

    public override void Run() => _done.SetResult(true);

    public override void Fail(Refusal refusal) => _done.SetResult(false);
}
