using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Journal;

/// <summary>A segment that was checked once, and of which it is known where each record begins: any of them is read without passing over the others.</summary>
internal sealed class DecodedSegment
{
    private readonly JournalSegment _segment;
    private readonly int[] _starts;
    private readonly long _baseTicks;

    /// <summary>Checks a segment.</summary>
    /// <exception cref="JournalFormatException">The segment is damaged or of a newer format.</exception>
    public DecodedSegment(in JournalSegment segment)
    {
        _segment = segment;
        (_starts, _baseTicks) = new SegmentReader(segment).ReadStarts();
    }

    /// <summary>Whether a sequence number lies in it.</summary>
    public bool Contains(long sequence) => sequence >= _segment.FirstSequence && sequence <= _segment.LastSequence;

    /// <summary>Reads the record with a sequence number.</summary>
    /// <exception cref="JournalFormatException">There is none: the segment is a barrier, or does not reach that far.</exception>
    public RecordView Read(long sequence)
    {
        var index = sequence - _segment.FirstSequence;
        if (index < 0 || index >= _starts.Length)
            throw new JournalFormatException($"segment {_segment.FirstSequence} of shard {_segment.Shard} lacks record {sequence}");
        var cursor = new ByteCursor(_segment.Payload.Span[_starts[index]..]);
        return new RecordView(cursor.Block(), sequence, _baseTicks);
    }
}
