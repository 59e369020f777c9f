using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Journal;

/// <summary>What a record says beside its payload; filled in once per unit and adjusted for each of its records.</summary>
internal struct RecordHeader
{
    public RecordType Type;
    public EntityKey Key;
    public long Version;

    /// <summary>The sequence number of the entity's record before this one; 0 for its first.</summary>
    public long PreviousSequence;
    public long AtTicks;
    public string? Actor;
    public string? Reason;
    public string? CorrelationId;
    public string? EventType;
    public long[]? ProcessedMessages;

    /// <summary>The unit whose outcome this record carries; null for the other records of the unit and for requests without a number.</summary>
    public Unit? OutcomeOf;

    /// <summary>The opening whose outcome this record carries, where one is numbered; null otherwise.</summary>
    public SessionHolder? GrantedTo;

    /// <summary>The number of the session that it was given.</summary>
    public long Session;
}
