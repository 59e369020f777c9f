using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Commits;

/// <summary>
/// Closes shards whose epoch was found to have changed: somebody is taking them over, or has. What is queued may still become durable, until the new
/// owner's barrier lies in the journal; the committer finds that out, and those who wait for it are told the truth.
/// </summary>
internal sealed class LostShards(EngineContext context, WatchDesk watches)
{
    public void Close(Shard shard)
    {
        var eviction = new Eviction(context, watches);
        lock (shard.Gate)
        {
            if (!shard.Service.IsHeld)
                return;
            eviction.Close(shard);

            // Behind what is queued: nobody hears that a watch is lost before hearing that it has begun.
            shard.Then(new Telling(eviction));
        }
    }

    private sealed class Telling(Eviction eviction) : Effect
    {
        public override void Run() => eviction.Tell(ShardService.Lost.Refusal!);

        public override void Fail(Refusal refusal) => eviction.Tell(refusal);
    }
}
