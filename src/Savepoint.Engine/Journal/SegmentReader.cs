using System.Diagnostics.CodeAnalysis;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Journal;

/// <summary>Reads the records of a segment, in order.</summary>
internal ref struct SegmentReader
{
    private ByteCursor _cursor;
    private readonly long _baseTicks;
    private readonly long _lastSequence;
    private long _sequence;

    /// <summary>Begins to read.</summary>
    /// <exception cref="JournalFormatException">The segment is damaged or of a newer format.</exception>
    public SegmentReader(scoped in JournalSegment segment, bool verify = true)
    {
        _sequence = segment.FirstSequence - 1;
        _lastSequence = segment.LastSequence;
        if (segment.IsBarrier)
        {
            _sequence = _lastSequence;
            return;
        }

        _cursor = new ByteCursor(segment.Payload.Span);
        var version = _cursor.Byte();
        if (version != SegmentWriter.FormatVersion)
            throw new JournalFormatException($"its format version {version} is not known here");
        var checksum = _cursor.UInt32();
        if (verify && checksum != Savepoint.Documents.Crc32C.Compute(segment.Payload.Span[_cursor.Position..]))
            throw new JournalFormatException("its checksum does not match");
        _baseTicks = _cursor.Int64();
    }

    /// <summary>Reads the next record.</summary>
    public bool TryRead(out RecordView record)
    {
        record = default;
        if (_sequence == _lastSequence)
        {
            if (!_cursor.IsAtEnd)
                throw new JournalFormatException("it holds more records than its row says");
            return false;
        }

        record = new RecordView(_cursor.Block(), ++_sequence, _baseTicks);
        return true;
    }

    /// <summary>Passes over all records.</summary>
    /// <returns>Where in the payload each begins, and the time that theirs count from.</returns>
    public (int[] Starts, long BaseTicks) ReadStarts()
    {
        var count = _lastSequence - _sequence;
        if (count > _cursor.Remaining)
            throw new JournalFormatException("it holds fewer records than its row says");
        var starts = new int[count];
        for (var i = 0; i < starts.Length; i++)
        {
            starts[i] = _cursor.Position;
            _cursor.Block();
        }

        if (!_cursor.IsAtEnd)
            throw new JournalFormatException("it holds more records than its row says");
        return (starts, _baseTicks);
    }
}

/// <summary>One record, as it lies in its segment.</summary>
[SuppressMessage("Design", "CA1051", Justification = "A view over bytes; read once, in order.")]
internal readonly ref struct RecordView
{
    public readonly long Sequence;
    public readonly RecordType Type;
    public readonly ReadOnlySpan<byte> Kind;
    public readonly ReadOnlySpan<byte> Id;
    public readonly long Version;
    public readonly long PreviousSequence;
    public readonly long AtTicks;
    public readonly ReadOnlySpan<byte> Actor;
    public readonly ReadOnlySpan<byte> Reason;
    public readonly ReadOnlySpan<byte> CorrelationId;
    public readonly ReadOnlySpan<byte> EventType;
    public readonly bool HasOutcome;
    public readonly RecordOutcome Outcome;
    public readonly long[]? ProcessedMessages;
    public readonly ReadOnlySpan<byte> Payload;

    /// <summary>Whether it is the shard's and no entity's.</summary>
    public bool IsOfShard => Kind.IsEmpty && Type >= RecordType.Outcomes;

    public RecordView(ReadOnlySpan<byte> bytes, long sequence, long baseTicks)
    {
        var cursor = new ByteCursor(bytes);
        Sequence = sequence;
        Type = (RecordType)cursor.Byte();
        var parts = (RecordParts)cursor.Byte();
        Kind = cursor.Block();
        Id = cursor.Block();
        Version = (long)cursor.Varint();
        var back = (long)cursor.Varint();
        PreviousSequence = back == 0 ? 0 : sequence - back;
        AtTicks = baseTicks + cursor.Signed();
        Actor = parts.HasFlag(RecordParts.Actor) ? cursor.Block() : default;
        Reason = parts.HasFlag(RecordParts.Reason) ? cursor.Block() : default;
        CorrelationId = parts.HasFlag(RecordParts.CorrelationId) ? cursor.Block() : default;
        EventType = parts.HasFlag(RecordParts.EventType) ? cursor.Block() : default;
        HasOutcome = parts.HasFlag(RecordParts.Outcome);
        if (HasOutcome)
            Outcome = ReadOutcome(ref cursor);
        if (parts.HasFlag(RecordParts.ProcessedMessages))
            ProcessedMessages = ReadNumbers(ref cursor);
        Payload = cursor.Block();
        if (!cursor.IsAtEnd)
            throw new JournalFormatException("a record is longer than its parts");
    }

    private static RecordOutcome ReadOutcome(ref ByteCursor cursor) => new()
    {
        Writer = cursor.Guid(),
        Request = (long)cursor.Varint(),
        ReceivedThrough = (long)cursor.Varint(),
        Fingerprint = cursor.Varint(),
        Versions = ReadNumbers(ref cursor),
    };

    private static long[] ReadNumbers(ref ByteCursor cursor)
    {
        var numbers = new long[cursor.Count()];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = (long)cursor.Varint();
        return numbers;
    }
}
