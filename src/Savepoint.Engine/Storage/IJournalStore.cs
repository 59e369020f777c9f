namespace Savepoint.Engine.Storage;

/// <summary>The append-only logs of all shards in one database. Safe for concurrent use.</summary>
public interface IJournalStore
{
    /// <summary>
    /// Appends one segment to each of several shards in a single transaction that is durable (flushed to disk) when the call returns.
    /// A segment goes in only if its first sequence number directly follows the last one of its shard; a shard without segments expects 1.
    /// </summary>
    /// <param name="segments">With one commit id and one time, at most one per shard, in shard order. The payloads stay unchanged until the call has ended.</param>
    /// <param name="cancellationToken">Honoured only before the transaction starts.</param>
    /// <exception cref="JournalConflictException">A position is taken or out of line: another owner has written. Nothing was appended.</exception>
    /// <exception cref="StoreException">The store failed; <see cref="StoreException.Outcome"/> says whether the segments may be in.</exception>
    ValueTask AppendAsync(IReadOnlyList<JournalSegment> segments, CancellationToken cancellationToken);

    /// <summary>The newest segment of a shard with its payload, or null when the shard has none.</summary>
    ValueTask<JournalSegment?> ReadTailAsync(int shard, CancellationToken cancellationToken);

    /// <summary>The segments that hold records after <paramref name="afterSequence"/>, in order; the first may begin before it.</summary>
    IAsyncEnumerable<JournalSegment> ReadAsync(int shard, long afterSequence, CancellationToken cancellationToken);

    /// <summary>The segment that holds a sequence number, or null when it was trimmed or never written.</summary>
    ValueTask<JournalSegment?> ReadContainingAsync(int shard, long sequence, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the segments of a shard that end at or before a sequence number and were written before a time. The newest segment of a shard always stays.
    /// </summary>
    /// <returns>How many segments were removed.</returns>
    ValueTask<int> TrimAsync(int shard, long throughSequence, DateTimeOffset olderThan, CancellationToken cancellationToken);

    /// <summary>How many payload bytes the journals hold, and how old the oldest segment is.</summary>
    ValueTask<JournalStatistics> ReadStatisticsAsync(CancellationToken cancellationToken);
}

/// <summary>The size and age of all journals in one database.</summary>
/// <param name="Segments">The number of segments.</param>
/// <param name="PayloadBytes">The bytes of all payloads.</param>
/// <param name="OldestAt">When the oldest segment was written; null when there is none.</param>
public readonly record struct JournalStatistics(long Segments, long PayloadBytes, DateTimeOffset? OldestAt);
