namespace Savepoint.Engine.Storage;

/// <summary>Keeps what could not be stored or published, with its error, for a person to look at.</summary>
public interface IDeadLetterStore
{
    /// <summary>Adds a dead letter, durably.</summary>
    ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken);

    /// <summary>Lists dead letters, oldest first, after an id.</summary>
    /// <param name="afterId">The id to go on after; 0 for the first page.</param>
    /// <param name="limit">The most to return.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(long afterId, int limit, CancellationToken cancellationToken);

    /// <summary>Removes a dead letter.</summary>
    /// <returns>Whether there was one.</returns>
    ValueTask<bool> RemoveDeadLetterAsync(long id, CancellationToken cancellationToken);
}

/// <summary>Something that failed for good.</summary>
/// <param name="Id">Given by the store when it is added.</param>
/// <param name="Source">What failed: <c>checkpoint</c> or <c>relay</c>.</param>
/// <param name="Shard">The shard.</param>
/// <param name="Key">The entity.</param>
/// <param name="Sequence">The sequence number of the record at fault.</param>
/// <param name="Payload">What could not be stored or published.</param>
/// <param name="Error">The last error.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="At">When it was given up.</param>
public sealed record DeadLetter(
    long Id,
    string Source,
    int Shard,
    EntityKey Key,
    long Sequence,
    ReadOnlyMemory<byte> Payload,
    string Error,
    int Attempts,
    DateTimeOffset At);
