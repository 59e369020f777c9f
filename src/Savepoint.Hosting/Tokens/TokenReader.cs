using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Savepoint.Engine;
using Savepoint.Streams.Authentication;

namespace Savepoint.Hosting.Tokens;

/// <summary>
/// Finds out whether a token (a JWT, RFC 7519) is genuine. 1: it is short and has three parts; 2: it names a trusted issuer and a key of it; 3: algorithm, signature, issuer
/// and audience are right; 4: only now, header and payload are read again strictly: no property twice, no extension that has to be understood, times that are numbers, a
/// user id that can be.
/// </summary>
internal sealed class TokenReader(IReadOnlyList<TrustedIssuer> issuers)
{
    /// <summary>The longest token that is looked at.</summary>
    public const int MaxLength = 8 << 10;

    public const int MaxLoginSessionLength = 64;

    private static readonly JsonWebTokenHandler Handler = new() { MaximumTokenSizeInBytes = MaxLength };
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Reads a token; whether it is valid now is for its user to ask.</summary>
    public TokenRefusal Read(string token, out VerifiedToken? verified)
    {
        verified = null;
        if (token.Length > MaxLength || token.AsSpan().Count('.') != 2)
            return TokenRefusal.Malformed;
        try
        {
            var jwt = Handler.ReadJsonWebToken(token);
            if (Find(jwt) is not { } issuer)
                return TokenRefusal.UnknownKey;
            return IsSigned(jwt, issuer) && TryRead(jwt, issuer, out verified) ? TokenRefusal.None : TokenRefusal.Invalid;
        }
#pragma warning disable CA1031 // Readers of what anybody may send throw many things, none of which says more than that it is no token.
        catch (Exception)
#pragma warning restore CA1031
        {
            return TokenRefusal.Malformed;
        }
    }

    private TrustedIssuer? Find(JsonWebToken jwt)
    {
        foreach (var issuer in issuers)
        {
            if (string.Equals(issuer.Name, jwt.Issuer, StringComparison.Ordinal) && !string.IsNullOrEmpty(jwt.Kid) && issuer.Has(jwt.Kid))
                return issuer;
        }

        return null;
    }

    private static bool IsSigned(JsonWebToken jwt, TrustedIssuer issuer)
    {
        // Done at once: nothing has to be fetched, since the keys are here.
        var checking = Handler.ValidateTokenAsync(jwt, issuer.Conditions);
#pragma warning disable VSTHRD002
        return checking.GetAwaiter().GetResult().IsValid;
#pragma warning restore VSTHRD002
    }

    private static bool TryRead(JsonWebToken jwt, TrustedIssuer issuer, [NotNullWhen(true)] out VerifiedToken? verified)
    {
        verified = null;
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(jwt.EncodedHeader), Strict);
        using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(jwt.EncodedPayload), Strict);
        var claims = payload.RootElement;
        if (header.RootElement.TryGetProperty("crit", out _) || Text(header.RootElement, "kid") != jwt.Kid)
            return false;
        if (Text(claims, "sub") is not { Length: > 0 and <= EntityKey.MaxIdLength } user || user.Any(char.IsControl))
            return false;
        if (Time(claims, "exp") is not { } expires || (claims.TryGetProperty("nbf", out _) && Time(claims, "nbf") is null))
            return false;

        // Others may have a claim of this name too; it is no login session of ours.
        var loginSession = issuer.HasLoginSessions ? Text(claims, "sid") : null;
        if (issuer.HasLoginSessions && loginSession is not { Length: > 0 and <= MaxLoginSessionLength })
            return false;
        verified = new VerifiedToken(new PlayerToken(user, loginSession, expires), Time(claims, "nbf") ?? DateTimeOffset.MinValue, issuer);
        return true;
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A time in seconds, which may have a fraction; null where it is none, or none that can be.</summary>
    private static DateTimeOffset? Time(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var seconds) || !double.IsFinite(seconds))
            return null;
        return DateTimeOffset.UnixEpoch.AddSeconds(Math.Clamp(seconds, 0, (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).TotalSeconds - 1));
    }
}
