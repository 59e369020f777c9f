namespace Savepoint.Client;

/// <summary>The changes of a session that the server has not acknowledged, oldest first, in the segments that they are saved in.</summary>
internal sealed class LocalChanges
{
    // A unit well below the limits of a frame and of a document's part.
    private const int MaxSegmentBytes = 256 << 10;

    private readonly List<ChangeSegment> _segments = [];
    private long _sequence;

    public bool IsEmpty => _segments.Count == 0;

    /// <summary>The sequence number of the newest segment there ever was.</summary>
    public long LastSequence => _sequence;

    public int Bytes { get; private set; }

    public IReadOnlyList<ChangeSegment> Segments => _segments;

    /// <summary>The next to be sent; null when none waits for it.</summary>
    public ChangeSegment? NextToSend => _segments.Find(static segment => segment.CommittedAs == 0 && segment.Request is null);

    /// <summary>Adds changes to the newest segment if they may share it, else to a new one.</summary>
    public ChangeSegment Add(ReadOnlySpan<byte> delta, string reason, bool isSealed, ulong message)
    {
        var segment = _segments.Count > 0 ? _segments[^1] : null;
        if (segment is null || isSealed || segment.IsSealed || segment.Reason != reason || segment.Bytes + delta.Length > MaxSegmentBytes)
            _segments.Add(segment = new ChangeSegment(++_sequence, reason, isSealed));
        segment.Delta.Append(delta);
        Bytes += delta.Length;
        segment.Bytes += delta.Length;
        if (message != 0)
            segment.Messages.Add(message);
        return segment;
    }

    public void Remove(ChangeSegment segment)
    {
        if (_segments.Remove(segment))
            Bytes -= segment.Bytes;
    }

    public void Clear()
    {
        _segments.Clear();
        Bytes = 0;
    }
}
