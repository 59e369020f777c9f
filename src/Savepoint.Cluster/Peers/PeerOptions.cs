namespace Savepoint.Cluster.Peers;

/// <summary>The limits and times of links between nodes, and of requests on their way to the owner of their shard.</summary>
public sealed record PeerOptions
{
    /// <summary>
    /// How long a request waits for an owner of its shard that can be reached, counted from when it turned out that there is none. The default value is 10 seconds.
    /// </summary>
    public TimeSpan RouteWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often each side of a link says that it is alive. The default value is 1 second.</summary>
    public TimeSpan PingEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A link that has brought nothing for so long is broken, and so is an attempt to connect that takes longer. The default value is 3 seconds.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The first pause before it is looked again whether a shard has an owner; it doubles up to <see cref="MaxRetryPause"/>. The default value is 10 ms.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest pause before it is looked again whether a shard has an owner; a newer map ends it. The default value is 500 ms.</summary>
    public TimeSpan MaxRetryPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The most requests without an answer on one link; beyond it they are refused as Overloaded. The default value is 65,536.</summary>
    public int MaxUnanswered { get; init; } = 65_536;

    /// <summary>The most requests that wait for an owner of their shard; beyond it they are refused as Overloaded. The default value is 65,536.</summary>
    public int MaxWaiting { get; init; } = 65_536;

    /// <summary>
    /// The most bytes that wait to be sent on one link; beyond it requests and documents are refused as Overloaded. Small answers go up to twice as far; then
    /// the link is broken. The default value is 64 MiB.
    /// </summary>
    public int MaxQueuedBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Bytes that wait to be sent on one link above which changes are not taken any more: their watches are lost, and begin again from where they were. The
    /// default value is 16 MiB.
    /// </summary>
    public int MaxQueuedChangeBytes { get; init; } = 16 << 20;

    /// <summary>How large frames grow by batching; a larger message is sent in pieces. The default value is 256 KiB.</summary>
    public int MaxFrameBytes { get; init; } = 256 << 10;

    /// <summary>The largest message. The default value is 256 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 256 << 20;
}
