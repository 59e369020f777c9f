using System.Diagnostics.CodeAnalysis;
using Savepoint.Streams.Authentication;

namespace Savepoint.Hosting.Tokens;

/// <summary>Accepts the tokens of the trusted issuers, and remembers those that it has found genuine. May be asked by several threads at once.</summary>
/// <param name="issuers">Whose tokens are accepted.</param>
/// <param name="capacity">How many are remembered.</param>
/// <param name="time">The clock.</param>
/// <param name="metrics">What to count in.</param>
public sealed class PlayerTokens(IReadOnlyList<TrustedIssuer> issuers, int capacity, TimeProvider time, TokenMetrics metrics) : IPlayerTokenVerifier
{
    private readonly TokenReader _reader = new(issuers);
    private readonly TokenCache _cache = new(capacity);

    /// <inheritdoc/>
    public bool IsReady => issuers.All(static issuer => issuer.IsReady);

    /// <inheritdoc/>
    public bool TryVerify(string token, [NotNullWhen(true)] out PlayerToken? found)
    {
        found = Verify(token, out var verified) == TokenRefusal.None ? verified!.Token : null;
        return found is not null;
    }

    /// <inheritdoc/>
    public bool IsExpired(string token) => _reader.Read(token, out var verified) == TokenRefusal.None && verified!.IsExpired(time.GetUtcNow());

    /// <summary>Finds a token that was found genuine before and is valid now; takes no copy of it.</summary>
    internal bool TryRecall(ReadOnlySpan<char> token, [NotNullWhen(true)] out VerifiedToken? verified)
    {
        verified = null;
        if (token.Length > TokenReader.MaxLength || !_cache.TryGet(token, out var found) || When(found) != TokenRefusal.None)
            return false;
        metrics.Hit();
        verified = found;
        return true;
    }

    internal TokenRefusal Verify(string token, out VerifiedToken? verified)
    {
        if (TryRecall(token, out verified))
            return TokenRefusal.None;
        metrics.Miss();
        var refusal = _reader.Read(token, out verified);
        if (refusal == TokenRefusal.None)
            refusal = When(verified!);

        // What is refused is not remembered: anybody can make up any number of such tokens.
        if (refusal == TokenRefusal.None)
            _cache.Add(token, verified!);
        else
            metrics.Refused(refusal);
        return refusal;
    }

    private TokenRefusal When(VerifiedToken token)
    {
        var now = time.GetUtcNow();
        return token.IsExpired(now) ? TokenRefusal.Expired : token.IsEarly(now) ? TokenRefusal.Early : TokenRefusal.None;
    }
}
