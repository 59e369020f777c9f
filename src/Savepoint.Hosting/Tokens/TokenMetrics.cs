using System.Diagnostics.Metrics;

namespace Savepoint.Hosting.Tokens;

/// <summary>What the checking of players' tokens counts, under the meter <c>Savepoint.Tokens</c>.</summary>
public sealed class TokenMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Savepoint.Tokens";

    private static readonly string[] Reasons = ["none", "malformed", "unknown_key", "invalid", "early", "expired", "ended"];

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _hits, _misses, _refused, _issued;

    /// <summary>Makes the instruments.</summary>
    public TokenMetrics()
    {
        _hits = _meter.CreateCounter<long>("savepoint.tokens.cache_hits", "{token}", "Tokens that were remembered as genuine.");
        _misses = _meter.CreateCounter<long>("savepoint.tokens.cache_misses", "{token}", "Tokens whose signature had to be checked, or that were none.");
        _refused = _meter.CreateCounter<long>("savepoint.tokens.refused", "{token}", "Refused tokens, by reason.");
        _issued = _meter.CreateCounter<long>("savepoint.tokens.issued", "{token}", "Tokens that were signed.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Hit() => _hits.Add(1);

    internal void Miss() => _misses.Add(1);

    internal void Refused(TokenRefusal reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", Reasons[(int)reason]));

    internal void Issued() => _issued.Add(1);
}
