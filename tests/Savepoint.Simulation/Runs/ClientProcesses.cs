using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>The processes of game servers and players that live. On real threads they come and go while faults look for one.</summary>
internal sealed class ClientProcesses
{
    private readonly Lock _gate = new();
    private readonly List<SimulatedProcess> _living = [];

    /// <summary>Runs a process.</summary>
    /// <param name="process">The process, which has not run before.</param>
    /// <param name="live">What it does; after that it ends.</param>
    /// <returns>Ends with the process, however that ends.</returns>
    public Task RunAsync(SimulatedProcess process, Func<Task> live)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _living.Add(process);
        process.OnDeath(() =>
        {
            lock (_gate)
                _living.Remove(process);
            end.SetResult();
        });
        process.Start(async () =>
        {
            await live();
            process.Crash();
        });
        return end.Task;
    }

    /// <summary>One of them; null when none lives.</summary>
    public SimulatedProcess? Choose(Random random)
    {
        lock (_gate)
            return _living.Count == 0 ? null : _living[random.Next(_living.Count)];
    }

    /// <summary>Lets all that stand still go on.</summary>
    public void ResumeAll()
    {
        SimulatedProcess[] living;
        lock (_gate)
            living = [.. _living];
        foreach (var process in living)
            process.Resume();
    }
}
