using System.Diagnostics.Metrics;

namespace Savepoint.Server.Forwarding;

/// <summary>Counts what is forwarded.</summary>
internal sealed class ForwardingMetrics : IDisposable
{
    public const string MeterName = "Savepoint.Forwarding";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _attempts;

    public ForwardingMetrics() =>
        _attempts = _meter.CreateCounter<long>("savepoint.forwarding.attempts", "{attempt}", "Attempts to have another node answer a request, by outcome.");

    public void Forwarded(ForwardOutcome outcome) => _attempts.Add(1, new KeyValuePair<string, object?>("outcome", outcome switch
    {
        ForwardOutcome.Answered => "answered",
        ForwardOutcome.NotDone => "not_done",
        ForwardOutcome.Unknown => "unknown",
        ForwardOutcome.Broken => "broken",
        ForwardOutcome.Aborted => "aborted",
        ForwardOutcome.BodyTooLarge => "body_too_large",
        _ => "no_http2",
    }));

    public void Dispose() => _meter.Dispose();
}
