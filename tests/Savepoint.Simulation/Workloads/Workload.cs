namespace Savepoint.Simulation;

/// <summary>Something that clients do all the time.</summary>
internal abstract class Workload
{
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
}
