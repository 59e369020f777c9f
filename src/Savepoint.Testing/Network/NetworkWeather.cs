namespace Savepoint.Testing;

/// <summary>How a <see cref="SimulatedNetwork"/> behaves. Immutable; a change holds for what is sent from then on.</summary>
public sealed record NetworkWeather
{
    /// <summary>A network as within one data centre.</summary>
    public static NetworkWeather Fair { get; } = new();

    /// <summary>The least time that a frame takes. The default value is 0.2 ms.</summary>
    public TimeSpan MinLatency { get; init; } = TimeSpan.FromMicroseconds(200);

    /// <summary>The most time that a frame takes that does not stall. The default value is 2 ms.</summary>
    public TimeSpan MaxLatency { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>The share of frames that stall, with everything behind them on their connection. The default value is 0.</summary>
    public double StallShare { get; init; }

    /// <summary>The most time that a frame stalls. The default value is 1 second.</summary>
    public TimeSpan MaxStall { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The share of frames that break their connection. The default value is 0.</summary>
    public double BreakShare { get; init; }

    /// <summary>The most time until an end learns that its connection has broken. The default value is 20 ms.</summary>
    public TimeSpan MaxNotice { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Of the attempts to reach what can't be reached, the share that is refused; the others hang until they are cancelled. The default value is 0.5.</summary>
    public double RefusedShare { get; init; } = 0.5;

    /// <summary>Of the connections to a process that dies, the share whose other end learns of it soon. The default value is 0.5.</summary>
    public double DeathToldShare { get; init; } = 0.5;

    /// <summary>Of the connections to a process that dies, the share whose other end learns of it only when it sends; the rest never do. The default value is 0.25.</summary>
    public double DeathOnSendShare { get; init; } = 0.25;

    /// <summary>The share of connections that break while they are cut by a partition; the others go on when it heals. The default value is 0.3.</summary>
    public double PartitionBreakShare { get; init; } = 0.3;

    /// <summary>
    /// How long until a server drops a connection whose client is gone or silent, as the keep-alive of WebSockets does. The default is never.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Bytes of one direction of a connection that are sent and not yet read, above which senders wait; a single larger frame passes. The default is 256 KiB.
    /// </summary>
    public int MaxBytesInFlight { get; init; } = 256 << 10;

    /// <summary>The largest frame. The default is 16 MiB.</summary>
    public int MaxFrameBytes { get; init; } = 16 << 20;
}
