using System.Diagnostics.Metrics;
using Savepoint.Hosting.Tokens;
using Savepoint.Streams.Authentication;

namespace Savepoint.Server.Tests.Tokens;

public sealed class TokenCacheTests : IDisposable
{
    private static readonly VerifiedToken Any = TokenOf("alice");

    private readonly TokenMaker _maker = new();
    private readonly MovableTime _time = new(TokenMaker.Now);

    [Fact]
    public void It_never_holds_more_than_its_capacity_and_keeps_what_is_used()
    {
        var cache = new TokenCache(100);
        var kept = "kept";
        cache.Add(kept, Any);
        for (var i = 0; i < 10_000; i++)
        {
            cache.Add($"token {i}", TokenOf($"user {i}"));
            cache.TryGet(kept, out var found).ShouldBeTrue();
            found.ShouldBeSameAs(Any);
            cache.Count.ShouldBeLessThanOrEqualTo(100);
        }

        cache.TryGet("token 5000", out _).ShouldBeFalse();
        cache.TryGet("token 9999", out _).ShouldBeTrue();
    }

    [Fact]
    public void Nobody_is_given_what_belongs_to_another_token_also_while_many_ask()
    {
        var cache = new TokenCache(200);
        Parallel.For(0, 20_000, i =>
        {
            var name = $"user {i % 500}";
            var token = "token of " + name;
            if (cache.TryGet(token, out var found))
                found.Token.UserId.ShouldBe(name);
            else
                cache.Add(token, TokenOf(name));
        });
        cache.Count.ShouldBeLessThanOrEqualTo(200 + Environment.ProcessorCount);
    }

    [Fact]
    public void A_token_that_is_known_is_not_checked_again_and_one_character_makes_another()
    {
        using var counted = new Counted();
        var (tokens, token) = (_maker.Verifier(time: _time), _maker.Sign());
        tokens.TryVerify(token, out var first).ShouldBeTrue();
        tokens.TryVerify(token, out var second).ShouldBeTrue();
        second.ShouldBeSameAs(first);
        (counted["savepoint.tokens.cache_misses"], counted["savepoint.tokens.cache_hits"]).ShouldBe((1, 1));
        for (var i = 0; i < token.Length; i++)
        {
            var changed = token.Remove(i, 1).Insert(i, token[i] == 'A' ? "B" : "A");
            tokens.TryVerify(changed, out _).ShouldBeFalse();
            tokens.TryRecall(changed, out _).ShouldBeFalse();
        }
    }

    [Fact]
    public void A_known_token_still_expires_and_one_that_was_early_is_not_held_against_it()
    {
        var tokens = _maker.Verifier(time: _time);
        var token = _maker.Sign();
        _time.Now = DateTimeOffset.FromUnixTimeSeconds(1_899_999_999);
        tokens.TryVerify(token, out _).ShouldBeFalse("nbf is to come");
        _time.Now = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);
        tokens.TryVerify(token, out _).ShouldBeTrue();
        _time.Now = DateTimeOffset.FromUnixTimeSeconds(1_899_999_999);
        tokens.TryVerify(token, out _).ShouldBeFalse("the clock was set back");
        tokens.IsExpired(token).ShouldBeFalse();
        _time.Now = DateTimeOffset.FromUnixTimeSeconds(1_900_000_600);
        tokens.TryVerify(token, out _).ShouldBeFalse("exp is over");
        tokens.IsExpired(token).ShouldBeTrue();
        tokens.IsExpired("nonsense").ShouldBeFalse();
    }

    public void Dispose() => _maker.Dispose();

    private static VerifiedToken TokenOf(string user) =>
        new(new PlayerToken(user, null, DateTimeOffset.MaxValue), DateTimeOffset.MinValue, TrustedIssuer.Ourselves(new IssuedTokenOptions(), null!));

    /// <summary>What the meter of tokens counts on this thread, since tests run beside each other.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
        private readonly int _thread = Environment.CurrentManagedThreadId;

        public Counted()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == TokenMetrics.MeterName)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            {
                if (Environment.CurrentManagedThreadId == _thread)
                    _counts[instrument.Name] = this[instrument.Name] + value;
            });
            _listener.Start();
        }

        public long this[string name] => _counts.GetValueOrDefault(name);

        public void Dispose() => _listener.Dispose();
    }
}
