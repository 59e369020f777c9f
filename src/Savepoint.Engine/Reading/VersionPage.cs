namespace Savepoint.Engine.Reading;

/// <summary>A run of versions, in the order asked for.</summary>
/// <param name="Versions">The versions. There may be none although there is a next page: one page looks at a bounded part of the journal.</param>
/// <param name="Next">Where the next page begins; null when this is the last.</param>
public sealed record VersionPage(IReadOnlyList<VersionInfo> Versions, VersionPosition? Next);

/// <summary>Where a page begins.</summary>
/// <param name="Version">The version to begin with; 0 for the end of the range.</param>
/// <param name="Sequence">Where in the journal to look for it; 0 when that is not known.</param>
public readonly record struct VersionPosition(long Version, long Sequence);

/// <summary>What is known of a version, without its document.</summary>
/// <param name="Version">Its number.</param>
/// <param name="At">When it was made, by the clock of the server that made it. Where only a whole copy is left, at the latest.</param>
public sealed record VersionInfo(long Version, DateTimeOffset At)
{
    /// <summary>Whether the entity was removed.</summary>
    public bool IsRemoval { get; init; }

    /// <summary>
    /// Whether the version can be read, and rolled back to, at this moment: it is kept whole, or the journal leads to it from one that is.
    /// </summary>
    public bool IsReadable { get; init; }

    /// <summary>Whether its record is still in the journal; only then are the properties below known.</summary>
    public bool HasRecord { get; init; }

    /// <summary>Who made it.</summary>
    public string? Actor { get; init; }

    /// <summary>Why, as the one who made it said.</summary>
    public string? Reason { get; init; }

    /// <summary>What ties it to the request that caused it.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The name of the intent that made it, or <c>rollback:</c> and a version; null for plain changes.</summary>
    public string? EventType { get; init; }

    /// <summary>The bytes of the delta that led to it.</summary>
    public int DeltaBytes { get; init; }

    /// <summary>The version that it brought back; null when it is no rollback.</summary>
    public long? RestoredVersion => RollbackEvent.VersionIn(EventType);
}
