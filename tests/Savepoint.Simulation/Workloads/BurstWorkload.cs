namespace Savepoint.Simulation;

/// <summary>Clients that think, begin several things at once, and wait for all of them.</summary>
/// <param name="mostAtOnce">How many things at the most.</param>
internal abstract class BurstWorkload(int mostAtOnce) : Workload
{
    public override int Clients => 2;

    public sealed override async Task RunAsync(SimulationContext run, RawClient client)
    {
        while (run.GoesOn)
        {
            await run.ThinkAsync(client);
            await AtOnceAsync(client.Random.Next(1, mostAtOnce + 1), () => ActAsync(run, client));
        }
    }

    /// <summary>Does one of the things.</summary>
    protected abstract Task ActAsync(SimulationContext run, RawClient client);
}
