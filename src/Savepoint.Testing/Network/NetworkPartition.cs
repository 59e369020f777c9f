namespace Savepoint.Testing;

/// <summary>A cut between two processes, or between one and all others.</summary>
internal sealed class NetworkPartition(SimulatedProcess process, SimulatedProcess? other)
{
    public bool Cuts(SimulatedProcess from, SimulatedProcess to) =>
        from != to && (IsBetween(from, to) || IsBetween(to, from));

    private bool IsBetween(SimulatedProcess one, SimulatedProcess two) => one == process && (other is null || two == other);
}
