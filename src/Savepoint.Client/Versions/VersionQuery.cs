namespace Savepoint.Client;

/// <summary>Which versions of a profile to list, and in which order. Immutable.</summary>
public sealed record VersionQuery
{
    /// <summary>All versions, newest first.</summary>
    public static VersionQuery Default { get; } = new();

    /// <summary>The lowest version; null for all.</summary>
    public long? FromVersion { get; init; }

    /// <summary>The highest version; null for all.</summary>
    public long? ToVersion { get; init; }

    /// <summary>
    /// What was made at or after this time, to the millisecond; null for all. Times are those of the servers that made the versions: where a clock was set back,
    /// a version that is out of order may be left out of a range, or be in it.
    /// </summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>What was made before this time, to the millisecond; null for all.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether the oldest comes first. The default is false.</summary>
    public bool OldestFirst { get; init; }

    /// <summary>How many versions are fetched at a time. The default is 100, the range 1 to 1,000.</summary>
    public int PageSize { get; init; } = 100;

    internal void Validate()
    {
        var errors = new OptionErrors();
        errors.Range(FromVersion ?? 1, 1, long.MaxValue, nameof(FromVersion));
        errors.Range(ToVersion ?? 1, 1, long.MaxValue, nameof(ToVersion));
        errors.Range(PageSize, 1, 1_000, nameof(PageSize));
        errors.ThrowIfAny();
    }
}
