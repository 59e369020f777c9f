using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Savepoint.Engine;

namespace Savepoint.Hosting.Tokens;

/// <summary>Signs with the present key of the ring.</summary>
/// <param name="keys">The keys.</param>
/// <param name="options">What the tokens say of issuer and audience.</param>
/// <param name="metrics">What to count in.</param>
public sealed class PlayerTokenIssuer(PlayerKeyRing keys, IssuedTokenOptions options, TokenMetrics metrics) : IPlayerTokenIssuer
{
    private const int IdBytes = 16;

    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <inheritdoc/>
    public string Issue(string userId, string loginSession, DateTimeOffset now, DateTimeOffset expires)
    {
        if (userId.Length is 0 or > EntityKey.MaxIdLength || userId.Any(char.IsControl))
            throw new ArgumentException("The user id is empty, too long, or has control characters.", nameof(userId));
        if (loginSession.Length is 0 or > TokenReader.MaxLoginSessionLength)
            throw new ArgumentException("The login session is empty or too long.", nameof(loginSession));
        if (expires <= now || expires - now > options.KeyRotation)
            throw new ArgumentException("The token would not live, or outlive the key that it is signed with.", nameof(expires));
        metrics.Issued();
        return Handler.CreateToken(Claims(userId, loginSession, now, expires), new SigningCredentials(keys.At(now).Signing, SecurityAlgorithms.EcdsaSha256));
    }

    private string Claims(string userId, string loginSession, DateTimeOffset now, DateTimeOffset expires)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("iss", options.Issuer);
            json.WriteString("aud", options.Audience);
            json.WriteString("sub", userId);
            json.WriteString("sid", loginSession);
            json.WriteNumber("iat", now.ToUnixTimeSeconds());
            json.WriteNumber("nbf", now.ToUnixTimeSeconds());
            json.WriteNumber("exp", expires.ToUnixTimeSeconds());
            json.WriteString("jti", Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes)));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}
