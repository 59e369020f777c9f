using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>Brings what clients and nodes say to each other across: after a while, out of order, twice, or never.</summary>
internal sealed class Wire(SimulatedWorld world, SimulationPace pace)
{
    private readonly Random _random = world.NewRandom();
    private readonly Lock _gate = new();
    private int _lost;
    private int _doubled;

    /// <summary>The share of what is lost.</summary>
    public double Loss { get; set; }

    /// <summary>The share of what arrives twice.</summary>
    public double Doubling { get; set; }

    public int Lost => Volatile.Read(ref _lost);

    public int Doubled => Volatile.Read(ref _doubled);

    /// <summary>Has a process do something when the word of it arrives.</summary>
    /// <param name="to">The process.</param>
    /// <param name="action">What it does; a new one each time that it arrives.</param>
    public void Send(SimulatedProcess to, Action action)
    {
        var (times, first, second) = Draw();
        if (times > 0)
            world.After(first, () => to.Post(action));
        if (times > 1)
            world.After(second, () => to.Post(action));
    }

    private (int Times, TimeSpan First, TimeSpan Second) Draw()
    {
        lock (_gate)
        {
            var drawn = _random.NextDouble();
            var times = drawn < Loss ? 0 : drawn < Loss + Doubling ? 2 : 1;
            _lost += times == 0 ? 1 : 0;
            _doubled += times == 2 ? 1 : 0;
            return (times, Delay(2), Delay(4000));
        }
    }

    private TimeSpan Delay(double mostMs) => pace.Scale(TimeSpan.FromMilliseconds(0.1 + (_random.NextDouble() * mostMs)));
}
