using Savepoint.Client;
using Savepoint.Engine;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>Players who watch their heroes, through whatever happens to their connections. The last copy that one has is the committed one.</summary>
internal sealed class PlayerWorkload(ChangeBook book) : Workload
{
    private static readonly TimeSpan CatchUp = TimeSpan.FromMinutes(1);

    private int _players;

    public override int Clients => 2;

    public override async Task RunAsync(SimulationContext run, RawClient client)
    {
        var key = GameKinds.Hero(Interlocked.Increment(ref _players) - 1);
        while (run.GoesOn)
        {
            await WatchAsync(run, client.Random, key);
            await run.PauseAsync(client, 100, 5000);
        }
    }

    private Task WatchAsync(SimulationContext run, Random random, EntityKey key)
    {
        var process = run.World.NewProcess($"player-{key.Id}", isOrdered: random.Next(2) == 0);
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        run.ClientProcesses.Add(process);
        process.OnDeath(() =>
        {
            run.ClientProcesses.Remove(process);
            end.SetResult();
        });
        process.Start(async () =>
        {
            try
            {
                var client = await SimulatedClient.ConnectAsync(
                    process, run.Network, () => run.Cluster.Choose(random).Listener, SimulatedClient.Player(key.Id), run.World.NewRandom());
                var watched = await client.Store<Hero>("hero").WatchAsync(key.Id, random.Next(2) == 0 ? TimeSpan.Zero : null);
                await new HeroWatch(run, process, key, watched).LastAsync(() => !book.IsClosed, CatchUp);
                await client.ShutdownAsync();
            }
            catch (SavepointException failure)
            {
                run.History.Note(process.Name, failure.Message);
            }

            process.Crash();
        });
        return end.Task;
    }
}
