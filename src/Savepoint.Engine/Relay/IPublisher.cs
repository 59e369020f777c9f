namespace Savepoint.Engine.Relay;

/// <summary>Where committed changes are published. Called once at a time per shard, in order; at the same time for shards of different databases.</summary>
public interface IPublisher
{
    /// <summary>Publishes a run of changes of one shard; returns when the other side has taken all of them. A repeat after a failure is allowed to arrive twice.</summary>
    /// <exception cref="PublishException">One of them can never be published.</exception>
    ValueTask PublishAsync(int shard, IReadOnlyList<PublishedChange> changes, CancellationToken cancellationToken);
}

/// <summary>A committed change on its way out.</summary>
/// <param name="Key">The entity.</param>
/// <param name="Version">The version that it made.</param>
/// <param name="Sequence">Its place in the shard's journal.</param>
/// <param name="At">When it was made.</param>
/// <param name="EventType">What happened: <c>changed</c>, <c>removed</c>, <c>erased</c>, or the intent's name.</param>
/// <param name="Delta">The encoded delta.</param>
/// <param name="Actor">Who made it.</param>
/// <param name="Reason">Why.</param>
/// <param name="CorrelationId">The request that caused it.</param>
public sealed record PublishedChange(
    EntityKey Key,
    long Version,
    long Sequence,
    DateTimeOffset At,
    string EventType,
    ReadOnlyMemory<byte> Delta,
    string Actor,
    string? Reason,
    string? CorrelationId);

/// <summary>One change can never be published; it goes to the dead letters and the others go on.</summary>
/// <param name="sequence">The change at fault.</param>
/// <param name="message">Why.</param>
/// <param name="inner">The cause.</param>
public sealed class PublishException(long sequence, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The sequence number of the change at fault.</summary>
    public long Sequence { get; } = sequence;
}
