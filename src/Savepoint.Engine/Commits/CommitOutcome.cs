namespace Savepoint.Engine.Commits;

/// <summary>How an append ended.</summary>
internal enum CommitOutcome
{
    /// <summary>It is durable.</summary>
    Committed,

    /// <summary>It did not happen and never will; the shards are still ours.</summary>
    NotApplied,

    /// <summary>Another owner has written: the shards concerned are not ours any more.</summary>
    LostShards,

    /// <summary>Nobody can find out any more whether it happened.</summary>
    Unknown,
}
