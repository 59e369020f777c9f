namespace Savepoint.Simulation;

/// <summary>What a caller asked of the entity.</summary>
public enum OperationKind
{
    /// <summary>Its version and value.</summary>
    Read,

    /// <summary>A new value, whatever the version.</summary>
    Write,

    /// <summary>A new value if the version is the expected one.</summary>
    CompareAndSet,

    /// <summary>A new value that the caller does not know.</summary>
    Increment,
}

/// <summary>What the caller was told.</summary>
public enum OperationOutcome
{
    /// <summary>Nothing: it takes effect at any time after its invocation, or never.</summary>
    NoReturn,

    /// <summary>The version and the value.</summary>
    Seen,

    /// <summary>The version that the write made.</summary>
    Acknowledged,

    /// <summary>That nothing was written, and the version which stood in the way.</summary>
    Refused,
}

/// <summary>
/// One call on one entity, as its caller saw it. Times are positions in the order of all events of the run. What has failed for certain and gives no version
/// as evidence does not belong in a history.
/// </summary>
public sealed record HistoryOperation
{
    private HistoryOperation(int id, OperationKind kind, long invoked) => (Id, Kind, Invoked) = (id, kind, invoked);

    /// <summary>Names it in explanations.</summary>
    public int Id { get; }

    /// <summary>What was asked.</summary>
    public OperationKind Kind { get; }

    /// <summary>When it was sent.</summary>
    public long Invoked { get; }

    /// <summary>When its outcome arrived; the largest number for never.</summary>
    public long Returned { get; private init; } = long.MaxValue;

    /// <summary>What the caller was told.</summary>
    public OperationOutcome Outcome { get; private init; }

    /// <summary>The version that the outcome names.</summary>
    public long Version { get; private init; }

    /// <summary>The version that a compare-and-set asks for.</summary>
    public long? ExpectedVersion { get; private init; }

    /// <summary>A hash of the value that was written or seen; null for a missing entity, and for an increment.</summary>
    public long? Value { get; private init; }

    /// <summary>What an increment adds, for explanations only.</summary>
    public long Amount { get; private init; }

    /// <summary>Whether its outcome is known and says that it made a version.</summary>
    internal bool IsAcknowledged => Outcome == OperationOutcome.Acknowledged;

    /// <summary>A read, sent.</summary>
    public static HistoryOperation Read(int id, long invoked) => new(id, OperationKind.Read, invoked);

    /// <summary>An unconditional write, sent; of null, a removal.</summary>
    public static HistoryOperation Write(int id, long invoked, long? value) => new(id, OperationKind.Write, invoked) { Value = value };

    /// <summary>A conditional write, sent; of null, a removal.</summary>
    public static HistoryOperation CompareAndSet(int id, long invoked, long expectedVersion, long? value) =>
        new(id, OperationKind.CompareAndSet, invoked) { ExpectedVersion = expectedVersion, Value = value };

    /// <summary>An increment, sent.</summary>
    public static HistoryOperation Increment(int id, long invoked, long amount = 1) => new(id, OperationKind.Increment, invoked) { Amount = amount };

    /// <summary>The read, returned; null for a missing entity.</summary>
    public HistoryOperation Saw(long returned, long version, long? value) =>
        Kind == OperationKind.Read ? Return(returned, OperationOutcome.Seen, version) with { Value = value } : throw Misfit("see a value");

    /// <summary>The write, returned, with the version that it made.</summary>
    public HistoryOperation Acknowledged(long returned, long newVersion) =>
        Kind != OperationKind.Read ? Return(returned, OperationOutcome.Acknowledged, newVersion) : throw Misfit("be acknowledged");

    /// <summary>The write, refused, with the version that the entity had: as good as a read of that version.</summary>
    public HistoryOperation Refused(long returned, long currentVersion) =>
        Kind != OperationKind.Read ? Return(returned, OperationOutcome.Refused, currentVersion) : throw Misfit("be refused");

    /// <inheritdoc/>
    public override string ToString()
    {
        var call = Kind switch
        {
            OperationKind.Read => "read",
            OperationKind.Write => $"write({Show(Value)})",
            OperationKind.CompareAndSet => $"compare-and-set(version {ExpectedVersion}, {Show(Value)})",
            _ => $"increment({Amount})",
        };
        var outcome = Outcome switch
        {
            OperationOutcome.NoReturn => "no return",
            OperationOutcome.Seen => $"version {Version}, {Show(Value)}",
            OperationOutcome.Acknowledged => $"ok, version {Version}",
            _ => $"refused at version {Version}",
        };
        return $"#{Id} [{Invoked}, {(Outcome == OperationOutcome.NoReturn ? "…" : Returned)}] {call} → {outcome}";
    }

    internal static string Show(long? value) => value is { } hash ? $"value {hash:x}" : "missing";

    private HistoryOperation Return(long returned, OperationOutcome outcome, long version)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(returned, Invoked);
        return this with { Returned = returned, Outcome = outcome, Version = version };
    }

    private InvalidOperationException Misfit(string what) => new($"A {Kind} cannot {what}.");
}
