using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Savepoint.Engine;
using Savepoint.Server.Configuration;
using Savepoint.Streams.Authentication;

namespace Savepoint.Server.Tokens;

/// <summary>
/// Accepts a JWT (RFC 7519) only if all of this holds: it is in its one strict spelling; its algorithm is ES256 and nothing else, so that the token can't
/// choose how it is checked (RFC 8725, section 3.1); its key is one of ours; the signature is right; issuer and audience are the expected ones; it has not
/// expired and is valid already; it names a user.
/// </summary>
internal sealed class Es256TokenVerifier(JsonWebKeySet keys, TokenOptions options, TimeProvider time) : IPlayerTokenVerifier
{
    public bool TryVerify(string token, [NotNullWhen(true)] out PlayerToken? found)
    {
        found = null;
        try
        {
            if (!TryRead(token, out var userId, out var expires))
                return false;
            found = new PlayerToken(userId, LoginSession: null, expires);
            return true;
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate is JSON and still no text, which the reader finds only when it is asked for the string.
            return false;
        }
    }

    private bool TryRead(string token, [NotNullWhen(true)] out string? userId, out DateTimeOffset expires)
    {
        (userId, expires) = (null, DateTimeOffset.MaxValue);
        if (!CompactJws.TryParse(token, out var jws))
            return false;
        using (jws)
            return HasGenuineSignature(jws) && IsForUs(jws.Payload) && IsValidNow(jws.Payload) && TryReadUser(jws.Payload, out userId);
    }

    private bool HasGenuineSignature(CompactJws jws)
    {
        var header = jws.Header;
        if (Text(header, "alg") != "ES256" || header.TryGetProperty("crit", out _))
            return false;
        if (header.TryGetProperty("typ", out _) && !string.Equals(Text(header, "typ"), "JWT", StringComparison.OrdinalIgnoreCase))
            return false;
        return Text(header, "kid") is { } kid && keys.Find(kid) is { } key && key.Verify(jws.SignedContent, jws.Signature);
    }

    private bool IsForUs(JsonElement payload) => Text(payload, "iss") == options.Issuer && options.Issuer is not null && HasAudience(payload);

    private bool HasAudience(JsonElement payload) => options.Audience is not null && payload.TryGetProperty("aud", out var audience) && audience.ValueKind switch
    {
        JsonValueKind.String => audience.ValueEquals(options.Audience),
        JsonValueKind.Array => audience.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals(options.Audience)),
        _ => false,
    };

    private bool IsValidNow(JsonElement payload)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        var skew = options.ClockSkew.TotalSeconds;
        if (Number(payload, "exp") is not { } expires || now >= expires + skew)
            return false;
        return !payload.TryGetProperty("nbf", out _) || (Number(payload, "nbf") is { } notBefore && now + skew >= notBefore);
    }

    private static bool TryReadUser(JsonElement payload, [NotNullWhen(true)] out string? userId)
    {
        userId = Text(payload, "sub");
        return userId is { Length: > 0 and <= EntityKey.MaxIdLength } && !userId.Any(char.IsControl);
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
}
