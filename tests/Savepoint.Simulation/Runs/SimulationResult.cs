namespace Savepoint.Simulation;

/// <summary>How a run ended.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Invariant">What was broken; null when nothing was.</param>
/// <param name="Violation">How.</param>
public sealed record SimulationResult(int Seed, string? Invariant, string? Violation)
{
    /// <summary>Whether all promises were kept.</summary>
    public bool IsGood => Invariant is null;

    /// <summary>How many operations were asked for.</summary>
    public int Operations { get; init; }

    /// <summary>How many transactions were committed.</summary>
    public int Commits { get; init; }

    /// <summary>How many records they held.</summary>
    public long Records { get; init; }

    /// <summary>How many units over several nodes took effect.</summary>
    public int Units { get; init; }

    /// <summary>How many attempts at one were said to be aborted, to shards that asked.</summary>
    public int AbortedUnits { get; init; }

    /// <summary>The time that went by.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>How many steps the scheduler ran.</summary>
    public long Steps { get; init; }

    /// <summary>How many server processes were started.</summary>
    public int Nodes { get; init; }

    /// <summary>Faults that were injected, by kind.</summary>
    public required IReadOnlyDictionary<string, int> Faults { get; init; }

    /// <summary>The hash of the trace; empty when it was not kept.</summary>
    public string TraceHash { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => IsGood ? $"seed {Seed}: good" : $"seed {Seed}: {Invariant} is broken: {Violation}";
}
