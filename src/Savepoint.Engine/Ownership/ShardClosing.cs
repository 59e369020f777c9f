using Savepoint.Engine.Commits;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Ownership;

/// <summary>
/// Stops serving shards that are another owner's, or are about to be: drops them from memory and tells those who hold on to them. What is queued may
/// still become durable, until the new owner's barrier lies in the journal; the committer finds that out, and those who wait for it are told the truth.
/// </summary>
internal sealed class ShardClosing(EngineContext context, WatchDesk watches)
{
    /// <summary>Closes a shard, if it is held or being taken.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="service">What it is from now on.</param>
    public void Close(Shard shard, ShardService service)
    {
        var eviction = new Eviction(context, watches);
        lock (shard.Gate)
        {
            if (shard.Service.Phase == ShardPhase.TakenOver)
                shard.Close(service);
            if (!shard.Service.IsHeld)
                return;
            eviction.Close(shard, service);

            // Behind what is queued: nobody hears that a watch is lost before hearing that it has begun.
            shard.Then(new Telling(eviction, service.Refusal!));
        }
    }

    private sealed class Telling(Eviction eviction, Refusal reason) : Effect
    {
        public override void Run() => eviction.Tell(reason);

        public override void Fail(Refusal refusal) => eviction.Tell(refusal);
    }
}
