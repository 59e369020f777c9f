namespace Savepoint.Engine.Ownership;

/// <summary>What came of taking a shard.</summary>
public enum TakeOutcome
{
    /// <summary>It is served.</summary>
    Served,

    /// <summary>Another process took it at the same moment, or since.</summary>
    TakenByAnother,

    /// <summary>Its journal, or what is stored of it, is damaged or incomplete: it is not served.</summary>
    Damaged,

    /// <summary>The store failed: try again.</summary>
    StoreFailed,

    /// <summary>It is being taken or handed over by another call, or the engine is stopping.</summary>
    Busy,
}

/// <summary>What came of taking one shard.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Outcome">Whether it is served now.</param>
/// <param name="Reason">Why not; null when it is.</param>
public sealed record TakenShard(int Shard, TakeOutcome Outcome, string? Reason = null);

/// <summary>A shard that was handed over.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="LastSequence">The newest sequence number that is known to be durable; where the store failed meanwhile, the journal may hold more.</param>
/// <param name="IsCheckpointed">Whether the next owner has nothing to replay.</param>
public sealed record ReleasedShard(int Shard, long LastSequence, bool IsCheckpointed);
