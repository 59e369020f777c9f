namespace Savepoint.Bench.Push;

/// <summary>One connection that is pushed to.</summary>
internal interface IPushedClient : IDisposable
{
    /// <summary>When each change was to be sent and when it came, in ticks of the machine's monotonic clock, in the order of arrival.</summary>
    List<(long Sent, long Came)> Changes { get; }

    /// <summary>The number of the newest change.</summary>
    long Version { get; }

    /// <summary>Bytes that came.</summary>
    long Received { get; }

    /// <summary>What was not as it should be.</summary>
    string? Failure { get; }

    /// <summary>Connects; what is pushed is received from then on.</summary>
    Task ConnectAsync();
}
