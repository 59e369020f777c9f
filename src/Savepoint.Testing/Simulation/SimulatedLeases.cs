using Savepoint.Cluster;
using Savepoint.Storage.Memory;

namespace Savepoint.Testing;

/// <summary>
/// The cluster's tables in a <see cref="SimulatedDatabase"/>, whose weather they share. Calls that were given up, or whose connection died, may take effect
/// later; the database finds out at once, or later, that a process is dead.
/// </summary>
/// <param name="world">The world.</param>
/// <param name="database">The database.</param>
/// <param name="tables">The tables; their clock is the database's.</param>
public sealed class SimulatedLeases(SimulatedWorld world, SimulatedDatabase database, MemoryLeases tables)
{
    private readonly Lock _gate = new();
    private readonly Random _random = world.NewRandom();
    private readonly Dictionary<SimulatedProcess, LeaseTrouble> _troubles = [];

    /// <summary>The share of calls and answers that take up to <see cref="MostHeldUp"/>. The default value is 0.05.</summary>
    public double HeldUp { get; set; } = 0.05;

    /// <summary>How long those take. The default value is 2 seconds.</summary>
    public TimeSpan MostHeldUp { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the database takes at most to find out that a process is dead. The default value is 8 seconds.</summary>
    public TimeSpan MostUnnoticed { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The tables.</summary>
    public MemoryLeases Tables => tables;

    /// <summary>A connection for a process: what a member of the cluster in it takes as its store.</summary>
    public ILeaseStore Connect(SimulatedProcess process)
    {
        var store = new MemoryLeaseStore(tables);
        process.OnDeath(() => world.After(Unnoticed(), store.Break));
        return new SimulatedLeaseStore(this, process, store);
    }

    /// <summary>Has the calls of a process go wrong from now on.</summary>
    /// <param name="process">The process.</param>
    /// <param name="trouble">How; null for not at all.</param>
    public void Trouble(SimulatedProcess process, LeaseTrouble? trouble)
    {
        lock (_gate)
        {
            if (trouble is null)
                _troubles.Remove(process);
            else
                _troubles[process] = trouble;
        }
    }

    internal StoreFate Decide(SimulatedProcess process)
    {
        var fate = database.Decide(call: null);
        LeaseTrouble? trouble;
        lock (_gate)
            trouble = _troubles.GetValueOrDefault(process);
        if (trouble is not null)
            return fate with { Fault = trouble.IsCut ? StoreFault.RequestLost : fate.Fault, BackIn = fate.BackIn + trouble.AnswersHeldUp };
        return fate with { ThereIn = fate.ThereIn + HoldUp(), BackIn = fate.BackIn + HoldUp() };
    }

    internal void After(TimeSpan delay, Action action) => world.After(delay, action);

    private TimeSpan HoldUp()
    {
        lock (_gate)
            return _random.NextDouble() < HeldUp ? _random.NextDouble() * MostHeldUp : TimeSpan.Zero;
    }

    private TimeSpan Unnoticed()
    {
        lock (_gate)
            return _random.Next(3) == 0 ? _random.NextDouble() * MostUnnoticed : TimeSpan.Zero;
    }
}

/// <summary>What is wrong with the way of one process to the tables of its cluster.</summary>
/// <param name="IsCut">Whether no call arrives.</param>
/// <param name="AnswersHeldUp">How much longer answers take.</param>
public sealed record LeaseTrouble(bool IsCut, TimeSpan AnswersHeldUp);
