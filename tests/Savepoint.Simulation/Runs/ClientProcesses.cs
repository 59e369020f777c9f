using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>The processes of game servers and players that live. On real threads they come and go while faults look for one.</summary>
internal sealed class ClientProcesses
{
    private readonly Lock _gate = new();
    private readonly List<SimulatedProcess> _living = [];

    public IReadOnlyList<SimulatedProcess> Living
    {
        get
        {
            lock (_gate)
                return [.. _living];
        }
    }

    public void Add(SimulatedProcess process)
    {
        lock (_gate)
            _living.Add(process);
    }

    public void Remove(SimulatedProcess process)
    {
        lock (_gate)
            _living.Remove(process);
    }
}
