using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Memory;

/// <summary>The journal of one shard. Used under the lock of its database.</summary>
internal sealed class MemoryJournal(bool keepsTrimmable)
{
    private readonly List<JournalSegment> _segments = [];
    private byte[] _tailBuffer = [];

    public int Count => _segments.Count;

    public long LastSequence => _segments.Count == 0 ? 0 : _segments[^1].LastSequence;

    public JournalSegment? Tail => _segments.Count == 0 ? null : Own(_segments[^1]);

    public DateTimeOffset? OldestAt => _segments.Count == 0 ? null : _segments.Min(segment => segment.At);

    /// <summary>The bytes of all payloads.</summary>
    public long PayloadBytes { get; private set; }

    public void Append(in JournalSegment segment)
    {
        if (keepsTrimmable)
        {
            _segments.Add(segment with { Payload = segment.Payload.ToArray() });
            PayloadBytes += segment.Payload.Length;
            return;
        }

        // Only the newest segment is kept, in one buffer that is used again and again: an append allocates nothing.
        if (_tailBuffer.Length < segment.Payload.Length) _tailBuffer = new byte[Math.Max(segment.Payload.Length, 2 * _tailBuffer.Length)];
        segment.Payload.CopyTo(_tailBuffer);
        _segments.Clear();
        _segments.Add(segment with { Payload = _tailBuffer.AsMemory(0, segment.Payload.Length) });
        PayloadBytes = segment.Payload.Length;
    }

    /// <summary>The segments that hold records after a sequence number, at most <paramref name="limit"/>.</summary>
    public IReadOnlyList<JournalSegment> Read(long afterSequence, int limit)
    {
        var first = IndexOfFirstEndingAfter(afterSequence);
        return [.. _segments.Skip(first).Take(limit).Select(Own)];
    }

    public JournalSegment? Containing(long sequence)
    {
        var index = IndexOfFirstEndingAfter(sequence - 1);
        return index < _segments.Count && _segments[index].FirstSequence <= sequence ? Own(_segments[index]) : null;
    }

    public int Trim(long throughSequence, DateTimeOffset olderThan)
    {
        if (_segments.Count == 0) return 0;
        var newest = _segments[^1].FirstSequence;
        bool IsTrimmed(JournalSegment segment) =>
            segment.LastSequence <= throughSequence && segment.At < olderThan && segment.FirstSequence != newest;
        PayloadBytes -= _segments.Where(IsTrimmed).Sum(segment => (long)segment.Payload.Length);
        return _segments.RemoveAll(IsTrimmed);
    }

    /// <summary>Puts other segments in the place of all: damage, for tests of recovery.</summary>
    public void Replace(IReadOnlyList<JournalSegment> segments)
    {
        _segments.Clear();
        _segments.AddRange(segments);
    }

    /// <summary>A payload that a later append will not overwrite.</summary>
    private JournalSegment Own(JournalSegment segment) => keepsTrimmable ? segment : segment with { Payload = segment.Payload.ToArray() };

    private int IndexOfFirstEndingAfter(long sequence)
    {
        var (low, high) = (0, _segments.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_segments[middle].LastSequence > sequence) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}
