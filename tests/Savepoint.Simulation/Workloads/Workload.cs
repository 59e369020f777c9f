namespace Savepoint.Simulation;

/// <summary>Something that clients do all the time.</summary>
internal abstract class Workload
{
    /// <summary>What its clients are called.</summary>
    public string Name => GetType().Name.Replace(nameof(Workload), "", StringComparison.Ordinal);

    /// <summary>How many clients it has.</summary>
    public abstract int Clients { get; }

    /// <summary>Whether it only watches: then it goes on until <see cref="SimulationContext.IsWatched"/> ends.</summary>
    public virtual bool OnlyWatches => false;

    /// <summary>What each of the clients does, until the run goes on no more.</summary>
    public abstract Task RunAsync(SimulationContext run, RawClient client);

    /// <summary>Compares what the clients know with what the ledger says, after everything has come to rest.</summary>
    public virtual void Check(Ledger ledger, Verdict verdict)
    {
    }

    /// <summary>Begins something several times at once, and waits for all of it.</summary>
    protected static async Task AtOnceAsync(int times, Func<Task> begin)
    {
        var begun = new List<Task>();
        for (; times > 0; times--)
            begun.Add(begin());
        foreach (var task in begun)
            await task;
    }
}
