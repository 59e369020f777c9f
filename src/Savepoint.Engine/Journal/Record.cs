namespace Savepoint.Engine.Journal;

/// <summary>What a record reports. The numbers are stored and never change their meaning.</summary>
internal enum RecordType : byte
{
    /// <summary>The document changed by the payload, a delta; makes a version. The first change of an entity builds on an empty document.</summary>
    Changed = 1,

    /// <summary>The entity was removed; makes a version.</summary>
    Removed = 2,

    /// <summary>A session was opened; the payload names it.</summary>
    SessionOpened = 3,

    /// <summary>The session was ended; the payload says why.</summary>
    SessionEnded = 4,

    /// <summary>A message was left; the payload is its number and its body.</summary>
    MessageAdded = 5,
}

/// <summary>Which optional parts a record has.</summary>
[Flags]
internal enum RecordParts : byte
{
    None = 0,
    Actor = 1,
    Reason = 2,
    CorrelationId = 4,
    EventType = 8,
    Outcome = 16,
    Refusals = 32,
    ProcessedMessages = 64,
}

/// <summary>The outcome of a numbered request, as it rides on the first record of its unit.</summary>
internal struct RecordOutcome
{
    public Guid Writer;
    public long Request;
    public long ReceivedThrough;
    public ulong Fingerprint;

    /// <summary>What each mutation of the unit made, in order.</summary>
    public long[] Versions;
}

/// <summary>The refusal of an earlier request of the same writer, which made no record of its own.</summary>
internal readonly record struct RecordRefusal(long Request, ushort Code, byte DocumentError, int Mutation, long CurrentVersion);
