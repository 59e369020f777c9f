namespace Savepoint.Client.Tests;

/// <summary>
/// Runs a test on one thread with virtual time: when nothing is left to run, time goes on to the next timer. Waits of minutes take no time, and
/// every run is the same.
/// </summary>
public sealed class Simulation
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(2);

    private Simulation()
    {
    }

    public VirtualScheduler Scheduler { get; } = new(new VirtualTime(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    public VirtualTime Time => Scheduler.Time;

    public static void Run(Func<Simulation, Task> test)
    {
        var simulation = new Simulation();
        simulation.Scheduler.Run(() => test(simulation), Limit);
    }

    public Task Delay(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Time);
}
