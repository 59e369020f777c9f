namespace Savepoint.Engine.Storage;

/// <summary>The economy ledger of one database: sums of increments, written with the states of the shards that they are of. Safe for concurrent use.</summary>
public interface ILedgerStore
{
    /// <summary>Reads the rows of one shard from a day on. For recovery.</summary>
    ValueTask<IReadOnlyList<LedgerRow>> ReadLedgerAsync(int shard, DateOnly from, CancellationToken cancellationToken);

    /// <summary>Reads the sums over all shards, by day, kind, path and reason, in this order.</summary>
    ValueTask<IReadOnlyList<LedgerRow>> QueryLedgerAsync(LedgerQuery query, CancellationToken cancellationToken);

    /// <summary>Removes the rows of the days before one.</summary>
    /// <returns>How many were removed.</returns>
    ValueTask<int> TrimLedgerAsync(DateOnly before, CancellationToken cancellationToken);
}

/// <summary>What increments have added and taken on one UTC day, at one path of the entities of one kind, for one reason.</summary>
/// <param name="Day">The day, in UTC.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Path">The path; list indexes stand in it as <c>[]</c>.</param>
/// <param name="Reason">The reason; empty for none.</param>
public sealed record LedgerRow(DateOnly Day, string Kind, string Path, string Reason)
{
    /// <summary>The path and reason of what is beyond the limit of rows, and of paths that are too long to be kept.</summary>
    public const string Other = "(other)";

    /// <summary>The sum of the integers that were added. It stays at the greatest integer rather than overflow.</summary>
    public long Sources { get; init; }

    /// <summary>How many times something was added, doubles included.</summary>
    public long SourceCount { get; init; }

    /// <summary>The sum of the integers that were taken, above 0. It stays at the greatest integer rather than overflow.</summary>
    public long Sinks { get; init; }

    /// <summary>How many times something was taken, doubles included.</summary>
    public long SinkCount { get; init; }

    /// <summary>The sum of the doubles that were added.</summary>
    public double RealSources { get; init; }

    /// <summary>The sum of the doubles that were taken, above 0.</summary>
    public double RealSinks { get; init; }

    /// <summary>Whether both are of the same day, kind, path and reason.</summary>
    /// <param name="other">Another row.</param>
    public bool IsOfSame(LedgerRow other) => (Day, Kind, Path, Reason) == (other.Day, other.Kind, other.Path, other.Reason);

    /// <summary>The sums of this row and of another one of the same day, kind, path and reason.</summary>
    /// <param name="other">The other row.</param>
    public LedgerRow Plus(LedgerRow other) => this with
    {
        Sources = Saturated(Sources, other.Sources),
        SourceCount = SourceCount + other.SourceCount,
        Sinks = Saturated(Sinks, other.Sinks),
        SinkCount = SinkCount + other.SinkCount,
        RealSources = RealSources + other.RealSources,
        RealSinks = RealSinks + other.RealSinks,
    };

    internal static long Saturated(long sum, long amount) => sum > long.MaxValue - amount ? long.MaxValue : sum + amount;
}

/// <summary>Which sums to read.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The last day.</param>
public sealed record LedgerQuery(DateOnly From, DateOnly To)
{
    /// <summary>Of this kind only; null for all.</summary>
    public string? Kind { get; init; }

    /// <summary>Of this path only; null for all.</summary>
    public string? Path { get; init; }

    /// <summary>Of this reason only; null for all.</summary>
    public string? Reason { get; init; }

    /// <summary>The last row of the page before; null for the first page.</summary>
    public LedgerRow? After { get; init; }

    /// <summary>The most rows to return. The default value is 1,000.</summary>
    public int Limit { get; init; } = 1_000;
}
