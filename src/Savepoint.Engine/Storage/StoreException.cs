namespace Savepoint.Engine.Storage;

/// <summary>Whether a failed write took effect.</summary>
public enum WriteOutcome
{
    /// <summary>It did not, and never will.</summary>
    NotApplied,

    /// <summary>Nobody knows: the answer was lost.</summary>
    Unknown,
}

/// <summary>A store could not do what it was asked to.</summary>
/// <param name="message">What failed.</param>
/// <param name="outcome">Whether a write may have taken effect.</param>
/// <param name="isTransient">Whether trying again can help.</param>
/// <param name="inner">The cause.</param>
public sealed class StoreException(string message, WriteOutcome outcome, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether a write may have taken effect.</summary>
    public WriteOutcome Outcome { get; } = outcome;

    /// <summary>Whether trying again can help (disk full, locked, connection lost).</summary>
    public bool IsTransient { get; } = isTransient;

    /// <summary>The entity that the store refused, where a single one is at fault.</summary>
    public EntityKey? Key { get; init; }
}

/// <summary>A journal position is taken or out of line: someone else owns the shard. Nothing was appended.</summary>
/// <param name="shard">The shard.</param>
/// <param name="expectedSequence">The sequence number that the append began with.</param>
public sealed class JournalConflictException(int shard, long expectedSequence)
    : Exception($"The journal of shard {shard} can't take sequence {expectedSequence}: another owner has written to it.")
{
    /// <summary>The shard.</summary>
    public int Shard { get; } = shard;

    /// <summary>The sequence number that the append began with.</summary>
    public long ExpectedSequence { get; } = expectedSequence;
}
