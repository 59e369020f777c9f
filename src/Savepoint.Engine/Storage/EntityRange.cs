namespace Savepoint.Engine.Storage;

/// <summary>A run of stored entities that are to be listed.</summary>
/// <param name="Shard">Their shard.</param>
/// <param name="Kind">Their kind.</param>
/// <param name="AfterId">The id behind which it begins; empty for the first.</param>
/// <param name="Limit">The most rows.</param>
public sealed record EntityRange(int Shard, string Kind, string AfterId, int Limit)
{
    /// <summary>Where above 0, documents are listed, and the run ends behind the row with which they have this many bytes.</summary>
    public long DocumentBytes { get; init; }
}

/// <summary>What is listed of a stored entity.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Version">The number of its committed mutations.</param>
/// <param name="Sequence">The sequence number of its newest record.</param>
/// <param name="Exists">False in the tombstone of a removed entity.</param>
/// <param name="QuarantineError">Why it was flagged as unreadable; null for a healthy entity.</param>
public sealed record ListedEntity(EntityKey Key, long Version, long Sequence, bool Exists, string? QuarantineError)
{
    /// <summary>The canonical bytes of its document; null where there is none, or documents were not asked for.</summary>
    public ReadOnlyMemory<byte>? Document { get; init; }
}
