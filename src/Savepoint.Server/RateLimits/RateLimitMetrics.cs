using System.Diagnostics.Metrics;

namespace Savepoint.Server.RateLimits;

/// <summary>Counts what the limits refuse.</summary>
internal sealed class RateLimitMetrics : IDisposable
{
    public const string MeterName = "Savepoint.RateLimits";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _refused;

    public RateLimitMetrics() => _refused = _meter.CreateCounter<long>("savepoint.rate_limited", "{request}", "Requests that were refused for their number, by limit.");

    public void Refused(LimitKind kind) => _refused.Add(1, new KeyValuePair<string, object?>("limit", kind switch
    {
        LimitKind.Address => "address",
        LimitKind.Session => "session",
        LimitKind.Player => "player",
        _ => "key",
    }));

    public void Dispose() => _meter.Dispose();
}
