namespace Savepoint.Simulation;

/// <summary>Counts the clients that have not ended yet.</summary>
internal sealed class ActiveClients
{
    private int _writing;
    private int _watching;

    public int Writing => Volatile.Read(ref _writing);

    public int Watching => Volatile.Read(ref _watching);

    public void Add(Workload workload) => Interlocked.Increment(ref workload.OnlyWatches ? ref _watching : ref _writing);

    public void Remove(Workload workload) => Interlocked.Decrement(ref workload.OnlyWatches ? ref _watching : ref _writing);
}
