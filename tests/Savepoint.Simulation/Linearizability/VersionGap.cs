namespace Savepoint.Simulation;

/// <summary>A version that no acknowledged write made: an operation without outcome must have.</summary>
/// <param name="version">The version.</param>
/// <param name="deadline">When the first operation returned that comes after it.</param>
/// <param name="seen">A read of this version; null if there is none.</param>
internal sealed class VersionGap(long version, long deadline, HistoryOperation? seen)
{
    public long Version => version;

    /// <summary>The operation that explains it, for now.</summary>
    public Candidate? FilledBy { get; set; }

    /// <summary>What is known of the entity once it is filled. A value that nobody saw is no matter, since no write looks at it.</summary>
    public RegisterState After => new(version, seen?.Value, seen is null);

    public bool Admits(HistoryOperation candidate)
    {
        var state = new RegisterState(version - 1, null, IsValueUnknown: true);
        return candidate.Invoked <= deadline
            && RegisterState.TryStep(ref state, candidate)
            && (seen is null || RegisterState.TrySee(ref state, seen.Value));
    }

    public override string ToString() => seen is null ? $"version {version}" : $"version {version} ({HistoryOperation.Show(seen.Value)})";
}
