namespace Savepoint.Client;

/// <summary>What became of one part of a batch.</summary>
public sealed record BatchPartResult
{
    internal BatchPartResult(long version) => Version = version;

    internal BatchPartResult(SavepointException error) => Error = error;

    /// <summary>The version that the part made (for a message, its number); 0 when it was not committed.</summary>
    public long Version { get; }

    /// <summary>
    /// Why it was not committed or, if <see cref="SavepointException.Outcome"/> is unknown, why nobody knows; null when it was.
    /// <see cref="SavepointException.ChangeIndex"/> is its place in the batch.
    /// </summary>
    public SavepointException? Error { get; }

    /// <summary>Whether it is committed, and durable.</summary>
    public bool IsCommitted => Error is null;

    /// <summary>The version, or an exception.</summary>
    /// <returns>The version that the part made.</returns>
    /// <exception cref="SavepointException">It was not committed: <see cref="Error"/>.</exception>
    public long VersionOrThrow() => Error is null ? Version : throw Error;
}
