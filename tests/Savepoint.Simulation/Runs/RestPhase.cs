using Savepoint.Engine;
using Savepoint.Engine.Kinds;

namespace Savepoint.Simulation;

/// <summary>
/// The end of a run. Once the faults have stopped, everything has to come to rest in a bounded time: each request is answered, everything is checkpointed and
/// published, memory is empty. Then processes that know nothing but the database must show exactly what the ledger says.
/// </summary>
internal sealed class RestPhase(SimulationContext run, OrderChecker order)
{
    private History History => run.History;

    public async Task RunAsync(FaultDirector faults, ActiveClients clients, IEnumerable<Workload> workloads)
    {
        History.Note("run", "all faults have stopped");
        faults.Heal();
        run.EndWorkloads();
        await UntilAsync(() => clients.Writing == 0, () => $"{clients.Writing} clients wait for ever: {string.Join("; ", History.Unanswered.Take(5))}");
        await UntilAsync(() => FindBehind() is null, () => FindBehind() ?? "a watch was behind");
        run.EndWatches();
        await UntilAsync(() => clients.Watching == 0, () => $"{clients.Watching} clients watch for ever");
        await UntilAsync(IsAtRest, () => $"{run.Cluster.Current.Name} does not come to rest, with {History.Backlog.At(run.Cluster.Current.Name)} unanswered: {Snapshot()}");
        if (History.Verdict.IsBroken)
            return;
        History.End();
        foreach (var workload in workloads)
            History.Look(ledger => workload.Check(ledger, History.Verdict));

        // In some runs nobody plays for longer than anything is kept: what is trimmed then must not be missed.
        if (run.World.Seed % 3 == 0)
            await run.PauseAsync(run.Settings.EngineOptions().JournalRetention + TimeSpan.FromMinutes(3));
        for (var restarts = 0; restarts < 2 && !History.Verdict.IsBroken; restarts++)
        {
            run.Cluster.Current.Process.Crash();
            await UntilAsync(() => run.Cluster.Current is { IsServing: true, Process.IsAlive: true }, () => "no node starts");
            await CompareAsync();
        }
    }

    private string? FindBehind() => History.Look(_ => order.FindBehind());

    private bool IsAtRest() =>
        run.Cluster.Current.IsServing
        && History.Backlog.At(run.Cluster.Current.Name) == 0
        && Snapshot() is { PreparedUnits: 0, DecidedUnits: 0, UnitsUnderWay: 0 }
        && Snapshot() is { ResidentEntities: 0, Sessions: 0, Watchers: 0, QueuedUnits: 0, QueuedBytes: 0, UncheckpointedRecords: 0, UnpublishedRecords: 0, FailedShards.Count: 0, StoreFailure: null };

    private EngineSnapshot Snapshot() => run.Cluster.Current.Engine.Snapshot();

    private async Task CompareAsync()
    {
        var reader = new RawClient(run, "reader");
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        reader.Process.Start(async () =>
        {
            foreach (var entity in History.Look(ledger => ledger.Entities.ToList()))
            {
                var committed = History.Look(_ => entity.Version);
                var shown = await reader.ReadAsync(entity.Key);
                var isMigrated = History.Look(_ => entity.Version == committed + 1 && entity.Versions[^1].EventType == LoadEvent.MigrationTo(1));
                if (shown.Refusal is not null || shown.Snapshot.Version != committed + (isMigrated ? 1 : 0))
                    History.Verdict.Fail("I7", $"{entity.Key} is at {shown.Snapshot.Version} ({shown.Refusal?.Code}) after a restart; {committed} was committed");
            }

            done.SetResult();
        });
        await UntilAsync(() => done.Task.IsCompleted, () => "not everything can be read");
    }

    private async Task UntilAsync(Func<bool> isDone, Func<string> otherwise)
    {
        var step = TimeSpan.FromMilliseconds(500);
        for (var waited = TimeSpan.Zero; !isDone() && !History.Verdict.IsBroken; waited += step)
        {
            if (waited > run.Settings.Rest)
            {
                History.Verdict.Fail("progress", otherwise());
                return;
            }

            await run.PauseAsync(step);
        }
    }
}
