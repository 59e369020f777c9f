using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Postgres.Journal;

/// <summary>Where the journals of shards ended with the last append of one connection to each. Others may have appended since.</summary>
internal sealed class KnownEnds
{
    /// <summary>Fewer trims than there can be: nobody counts them, as somebody has removed the row. Each append looks then.</summary>
    public const long Uncounted = -1;

    private readonly Dictionary<int, KnownEnd> _ends = [];

    public KnownEnd this[int shard] => _ends[shard];

    /// <summary>
    /// Whether segments may go in without a look: each directly follows the known end of its shard, and all of these were looked at after the same, known number
    /// of trims.
    /// </summary>
    public bool CanFollow(IReadOnlyList<JournalSegment> segments)
    {
        if (!_ends.TryGetValue(segments[0].Shard, out var first) || first.Trims == Uncounted)
            return false;
        for (var i = 0; i < segments.Count; i++)
        {
            if (!_ends.TryGetValue(segments[i].Shard, out var end) || end.LastSequence + 1 != segments[i].FirstSequence || end.Trims != first.Trims)
                return false;
        }

        return true;
    }

    /// <summary>Forgets all ends.</summary>
    public void Clear() => _ends.Clear();

    /// <summary>Moves a known end behind the segment that follows it, which is committed, with nothing trimmed since.</summary>
    public void MoveBehind(in JournalSegment segment)
    {
        var end = _ends[segment.Shard];
        MoveBehind(segment, end.Number + 1, end.Bytes, end.Trims);
    }

    /// <summary>Moves the end behind a segment that is committed.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="number">Its number.</param>
    /// <param name="bytesBefore">The payload bytes of all segments before it, trimmed ones included.</param>
    /// <param name="trims">How many trims there had been when it was found that it is the newest.</param>
    public void MoveBehind(in JournalSegment segment, long number, long bytesBefore, long trims) =>
        _ends[segment.Shard] = new KnownEnd(segment.LastSequence, number, bytesBefore + segment.Payload.Length, trims);
}

/// <summary>The end of one shard's journal.</summary>
/// <param name="LastSequence">The newest sequence number.</param>
/// <param name="Number">The number of the newest segment.</param>
/// <param name="Bytes">The payload bytes of all segments up to it, trimmed ones included.</param>
/// <param name="Trims">How many trims there had been when it was found that this segment is the newest.</param>
internal readonly record struct KnownEnd(long LastSequence, long Number, long Bytes, long Trims);
