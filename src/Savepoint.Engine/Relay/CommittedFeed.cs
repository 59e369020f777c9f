using Savepoint.Engine.Commits;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Relay;

/// <summary>
/// Hands committed segments from the committer to the relay, in memory. Bounded: when the relay falls behind, what doesn't fit is left out, and the
/// relay reads it from the journal.
/// </summary>
internal sealed class CommittedFeed(bool hasReader)
{
    private const long MaxBytes = 16 << 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Queue<JournalSegment>> _segments = [];
    private long _bytes;

    public AsyncSignal Signal { get; } = new();

    public void Add(IReadOnlyList<JournalSegment> segments)
    {
        if (!hasReader)
            return;
        lock (_gate)
        {
            foreach (var segment in segments)
            {
                if (_bytes + segment.Payload.Length > MaxBytes)
                    continue;
                if (!_segments.TryGetValue(segment.Shard, out var queue))
                    _segments.Add(segment.Shard, queue = new Queue<JournalSegment>());
                queue.Enqueue(segment with { Payload = segment.Payload.ToArray() });
                _bytes += segment.Payload.Length;
            }
        }

        Signal.Set();
    }

    /// <summary>Drops what is here of a shard, whose ownership is over.</summary>
    public void Drop(int shard)
    {
        lock (_gate)
        {
            if (_segments.Remove(shard, out var queue))
                _bytes -= queue.Sum(segment => segment.Payload.Length);
        }
    }

    /// <summary>Takes the segment that begins at a sequence number, if it is here; what lies before it is dropped.</summary>
    public JournalSegment? Take(int shard, long firstSequence)
    {
        lock (_gate)
        {
            if (!_segments.TryGetValue(shard, out var queue))
                return null;
            while (queue.TryPeek(out var segment) && segment.FirstSequence <= firstSequence)
            {
                _bytes -= queue.Dequeue().Payload.Length;
                if (segment.FirstSequence == firstSequence)
                    return segment;
            }

            return null;
        }
    }
}
