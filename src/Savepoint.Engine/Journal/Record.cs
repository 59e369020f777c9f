using Savepoint.Documents;
using Savepoint.Engine.Units;

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

    /// <summary>
    /// What became of requests that made no record of their own; the payload lists them. A record of the shard: its key is empty, its version 0, and
    /// no record points back to it.
    /// </summary>
    Outcomes = 6,

    /// <summary>A part of a unit over several nodes or databases is kept, and its entities held, until it is decided. Like the next ones a record of the shard.</summary>
    UnitPrepared = 7,

    /// <summary>The part that the payload names was carried out by the records before, or is forgotten; or there was none.</summary>
    PrepareEnded = 8,

    /// <summary>A unit takes effect, also in the shards that the payload lists.</summary>
    UnitDecided = 9,

    /// <summary>All shards have carried out their parts of it.</summary>
    DecisionEnded = 10,

    /// <summary>An attempt at a unit never takes effect.</summary>
    UnitAborted = 11,

    /// <summary>The entity was removed, and nothing that it was before may be read any more; makes a version.</summary>
    Erased = 12,

    /// <summary>
    /// An entity that could not be read was repaired; makes a version. The payload is all that it is from here on, whatever it was before: see
    /// <see cref="Recovery.RepairRecord"/>.
    /// </summary>
    Repaired = 13,
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

/// <summary>A refusal as it is journaled. What the request itself says is left out.</summary>
internal readonly record struct RecordRefusal(long Request, ushort Code, byte DocumentError, int Mutation, long CurrentVersion)
{
    public ulong Fingerprint { get; init; }

    public string? Detail { get; init; }

    public string? Path { get; init; }

    public string? Holder { get; init; }

    public static RecordRefusal Of(long request, ulong fingerprint, Refusal refusal) =>
        new(request, (ushort)refusal.Code, (byte)refusal.DocumentError, refusal.Mutation, refusal.CurrentVersion)
        {
            Fingerprint = fingerprint,
            Detail = refusal.Detail,
            Path = refusal.Path,
            Holder = refusal.Holder,
        };

    public Refusal ToRefusal() => new((RefusalCode)Code)
    {
        DocumentError = (DocumentError)DocumentError,
        Mutation = Mutation,
        CurrentVersion = CurrentVersion,
        Detail = Detail,
        Path = Path,
        Holder = Holder,
    };

    public void Write(ByteBuffer buffer)
    {
        buffer.Varint((ulong)Request);
        buffer.Varint(Code);
        buffer.Byte(DocumentError);
        buffer.Varint((ulong)Mutation);
        buffer.Varint((ulong)CurrentVersion);
        buffer.Varint(Fingerprint);
        buffer.Text(Detail ?? "");
        buffer.Text(Path ?? "");
        buffer.Text(Holder ?? "");
    }

    public static RecordRefusal Read(ref ByteCursor cursor) =>
        new((long)cursor.Varint(), (ushort)cursor.Varint(), cursor.Byte(), (int)cursor.Varint(), (long)cursor.Varint())
        {
            Fingerprint = cursor.Varint(),
            Detail = NullIfEmpty(cursor.Text()),
            Path = NullIfEmpty(cursor.Text()),
            Holder = NullIfEmpty(cursor.Text()),
        };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
