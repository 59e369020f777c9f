namespace Savepoint.Simulation;

/// <summary>An operation without outcome, and the gap that it explains.</summary>
internal sealed class Candidate(HistoryOperation operation)
{
    public HistoryOperation Operation => operation;

    /// <summary>The gap that it explains, for now; null for none, as if it had never taken effect.</summary>
    public VersionGap? Gap { get; set; }

    /// <summary>The last search for an augmenting path that reached it.</summary>
    public int Round { get; set; }

    /// <summary>From which gap that search came.</summary>
    public VersionGap? WantedBy { get; set; }
}
