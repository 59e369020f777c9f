namespace Savepoint.Engine.Storage;

/// <summary>What every store asks of the segments of one append.</summary>
public static class AppendedSegments
{
    /// <summary>Refuses segments that are not those of one commit, in shard order, one per shard.</summary>
    /// <param name="segments">The segments.</param>
    /// <param name="shardCount">How many shards there are.</param>
    /// <exception cref="ArgumentException">They are a mistake of the caller; nothing was appended.</exception>
    public static void ThrowIfMalformed(IReadOnlyList<JournalSegment> segments, int shardCount)
    {
        for (var i = 0; i < segments.Count; i++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)segments[i].Shard, (uint)shardCount, nameof(segments));
            if (segments[i].LastSequence < segments[i].FirstSequence)
                throw new ArgumentException("A segment ends before it begins.", nameof(segments));
            if (i > 0 && segments[i - 1].Shard >= segments[i].Shard)
                throw new ArgumentException("Segments come in shard order, one per shard.", nameof(segments));
            if (segments[i].CommitId != segments[0].CommitId || segments[i].At != segments[0].At)
                throw new ArgumentException("The segments of one append belong to one commit.", nameof(segments));
        }
    }
}
