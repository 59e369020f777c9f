namespace Savepoint.Simulation;

/// <summary>The clients of all workloads: starts them, again when they have crashed, and counts those that have not ended yet.</summary>
internal sealed class ActiveClients(SimulationContext run)
{
    private int _writing;
    private int _watching;

    public int Writing => Volatile.Read(ref _writing);

    public int Watching => Volatile.Read(ref _watching);

    public void Start(Workload workload)
    {
        for (var i = 1; i <= workload.Clients; i++)
        {
            Interlocked.Increment(ref CountOf(workload));
            Start(workload, $"{workload.Name}-{i}", life: 1);
        }
    }

    /// <summary>A client that crashes comes back, as another writer that knows nothing of the one before.</summary>
    private void Start(Workload workload, string name, int life)
    {
        var client = new RawClient(run, life == 1 ? name : $"{name}.{life}");
        client.Process.OnDeath(() => run.World.After(
            run.Settings.Pace.Scale(TimeSpan.FromSeconds(5 * client.Random.NextDouble())), () => Start(workload, name, life + 1)));
        client.Process.Start(async () =>
        {
            await workload.RunAsync(run, client);
            Interlocked.Decrement(ref CountOf(workload));
        });
    }

    private ref int CountOf(Workload workload) => ref workload.OnlyWatches ? ref _watching : ref _writing;
}
