namespace Savepoint.Streams;

/// <summary>The limits and times of the stream protocol's server side.</summary>
public sealed record StreamOptions
{
    /// <summary>Names this server to its clients. The default value is <c>savepoint</c>.</summary>
    public string NodeName { get; init; } = "savepoint";

    /// <summary>How long a new connection may take to say Hello. The default value is 10 seconds.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a session outlives its holder's connection, as clients are told; the engine's own setting counts. The default value is 30 seconds.</summary>
    public TimeSpan SessionLease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a writer may be away and still go on. The engine remembers outcomes for longer by a minute or more, so that none is forgotten between
    /// the question and the resending. The default value is 9 minutes.
    /// </summary>
    public TimeSpan WriterResumeWithin { get; init; } = TimeSpan.FromMinutes(9);

    /// <summary>The most requests of a connection that may be unanswered at once; one more is refused as overloaded. The default value is 4,096.</summary>
    public int Window { get; init; } = 4_096;

    /// <summary>The largest frame that a client may send. The default value is 4 MiB.</summary>
    public int MaxFrameBytes { get; init; } = 4 << 20;

    /// <summary>How large frames to a client grow by batching; a single message may be larger. The default value is 256 KiB.</summary>
    public int MaxBatchBytes { get; init; } = 256 << 10;

    /// <summary>
    /// Bytes waiting for a client above which nothing more is read from it, and changes of what it watches fold into snapshots. The default value is 1 MiB.
    /// </summary>
    public int MaxQueuedBytes { get; init; } = 1 << 20;

    /// <summary>Bytes waiting for a client above which its connection is closed. The default value is 64 MiB.</summary>
    public int CloseAboveQueuedBytes { get; init; } = 64 << 20;

    /// <summary>Bytes of changes that one watch may gather before they fold into a snapshot. The default value is 64 KiB.</summary>
    public int MaxGatheredBytes { get; init; } = 64 << 10;

    /// <summary>How long changes are gathered for a watch that does not say. The default value is 1 second.</summary>
    public TimeSpan DefaultCoalesce { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest that a watch may have its changes gathered. The default value is 60 seconds.</summary>
    public TimeSpan MaxCoalesce { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long one frame may take to be sent before the connection counts as dead. The default value is 30 seconds.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the other side may take to answer a close. The default value is 2 seconds.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long clients have at shutdown to end their sessions. The default value is 10 seconds.</summary>
    public TimeSpan DrainGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most mutations in one unit; no higher than the engine's. The default value is 64.</summary>
    public int MaxMutationsPerUnit { get; init; } = 64;

    /// <summary>The most parts in one batch. The default value is 1,000, the most 524,287.</summary>
    public int MaxPartsPerBatch { get; init; } = 1_000;

    /// <summary>
    /// Bytes of a connection's batches that have no answer, with 256 for each part, above which nothing more is read from it until some have. The default
    /// value is 16 MiB.
    /// </summary>
    public int MaxHeldBatchBytes { get; init; } = 16 << 20;

    /// <summary>The most messages that one mutation may say it has processed. The default value is 1,000.</summary>
    public int MaxProcessedMessages { get; init; } = 1_000;

    /// <summary>The most watches and sessions of one player's connection. The default value is 64.</summary>
    public int MaxWatchesPerPlayer { get; init; } = 64;

    /// <summary>The most watches and sessions of one game server's connection. The default value is 100,000.</summary>
    public int MaxWatchesPerGameServer { get; init; } = 100_000;

    /// <summary>How long a session is waited for when the request does not say. The default value is 120 seconds.</summary>
    public TimeSpan DefaultSessionWait { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The first pause before a watch that the engine has lost and refused is tried again; it doubles up to 5 seconds. The default value is 100 ms.</summary>
    public TimeSpan RewatchAfter { get; init; } = TimeSpan.FromMilliseconds(100);
}
