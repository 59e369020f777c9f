namespace Savepoint.Engine.Storage;

/// <summary>One row of a shard's journal: a run of records that were committed together.</summary>
/// <param name="Shard">The shard that the segment belongs to.</param>
/// <param name="FirstSequence">The sequence number of the first record; follows directly on the segment before it.</param>
/// <param name="LastSequence">The sequence number of the last record; equal to <paramref name="FirstSequence"/> in a barrier.</param>
/// <param name="Epoch">The ownership under which it was written; grows with each take-over of the shard.</param>
/// <param name="CommitId">The same for all segments of one transaction; tells after a lost answer whose segment it is.</param>
/// <param name="At">When the commit was started, by the writer's clock.</param>
/// <param name="Payload">The encoded records; empty in a barrier. The store never looks into it.</param>
public readonly record struct JournalSegment(
    int Shard,
    long FirstSequence,
    long LastSequence,
    long Epoch,
    Guid CommitId,
    DateTimeOffset At,
    ReadOnlyMemory<byte> Payload)
{
    /// <summary>Whether this is a barrier: it claims a position and holds no records.</summary>
    public bool IsBarrier => Payload.IsEmpty;
}
