using Savepoint.Engine.Shards;

namespace Savepoint.Engine.Spanning;

/// <summary>
/// Sees to it that every prepared part ends, whoever dies: asks the home shard's present owner what became of those that have waited for long, or that were
/// found when their shard was taken, and tells the owners of parts again what was decided and not answered.
/// </summary>
internal sealed class UnitLoop(EngineContext context, PartOwners owners, UnitCoordinator coordinator)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Interval, context.Time, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            foreach (var shard in context.Shards)
                Look(shard, stopping);
        }
    }

    private void Look(Shard shard, CancellationToken stopping)
    {
        List<Prepare>? doubtful = null;
        List<Prepare>? kept = null;
        List<Decision>? untold = null;
        List<object>? late = null;
        lock (shard.Gate)
        {
            if (shard.Units.Prepares == 0 && shard.Units.Decisions == 0)
                return;
            shard.Units.Held.TakeOverdue(late = []);
            shard.Units.Purge(shard.CommittedSequence);
            if (context.ServingRefusal(shard) is null)
            {
                var now = context.Now;
                doubtful = [.. shard.Units.OpenPrepares.Where(prepare => !prepare.IsAsking && prepare.AskAt <= now)];
                kept = [.. shard.Units.KeptInMemory.Where(prepare => prepare.AskAt <= now)];
                untold = [.. shard.Units.OpenDecisions.Where(decision => !decision.IsTelling && decision.TellAt <= now && decision.Sequence <= shard.CommittedSequence)];
                doubtful.ForEach(prepare => prepare.IsAsking = true);
                untold.ForEach(decision => decision.IsTelling = true);
            }
        }

        foreach (var waiter in late)
            context.Refuse(waiter, HeldTooLong);
        foreach (var prepare in doubtful ?? [])
            _ = AskAsync(shard, prepare, stopping);
        foreach (var prepare in kept ?? [])
            LetGoOfLeftOver(shard, prepare, stopping);
        foreach (var decision in untold ?? [])
            _ = coordinator.TellAsync(shard, decision, stopping);
    }

    private static Units.Refusal HeldTooLong { get; } =
        new(Units.RefusalCode.Busy) { Detail = "a unit over several nodes or databases holds the entity", RetryAfter = TimeSpan.FromMilliseconds(250) };

    /// <summary>One that waited for its entities until its attempt had long ended was kept all the same: nobody else will ever end it.</summary>
    private void LetGoOfLeftOver(Shard shard, Prepare prepare, CancellationToken stopping)
    {
        var home = context.Shards[prepare.Part.HomeShard];
        lock (home.Gate)
        {
            if (home.Units.IsUnderWay(prepare.Id))
                return;
        }

        _ = owners.EndAsync(shard.Index, prepare.Id, versions: null, stopping);
    }

    private async Task AskAsync(Shard shard, Prepare prepare, CancellationToken stopping)
    {
        var answer = await owners.AskAsync(prepare.Part.HomeShard, prepare.Id, shard.Index, stopping);
        if (answer is { Refusal: null, Fate: Fate.Committed or Fate.Aborted })
            await owners.EndAsync(shard.Index, prepare.Id, answer.Fate == Fate.Committed ? answer.Versions : null, stopping);
        lock (shard.Gate)
        {
            prepare.IsAsking = false;
            prepare.AskAt = context.Now + context.Jitter(context.Options.InDoubtAfter / 4).Ticks;
        }
    }
}
