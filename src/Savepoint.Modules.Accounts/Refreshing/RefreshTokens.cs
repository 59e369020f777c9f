using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Savepoint.Hosting.Secrets;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Refreshing;

/// <summary>
/// Makes refresh tokens. The first of a session is random; each that follows is made of the one before it by a key that only the servers have: so it need not be kept
/// to be given out a second time, and whoever has stolen a token, or the database, can't make the next one.
/// </summary>
internal sealed class RefreshTokens(IServerSecrets secrets)
{
    private readonly Lazy<byte[]> _sealing = new(() => AccountSecrets.Derive(secrets, "refresh token seals"), LazyThreadSafetyMode.PublicationOnly);
    private readonly Lazy<byte[]> _following = new(() => AccountSecrets.Derive(secrets, "refresh token successors"), LazyThreadSafetyMode.PublicationOnly);

    public RefreshToken First(Guid user, Guid session) => new(user, session, RandomNumberGenerator.GetBytes(RefreshToken.SecretBytes));

    /// <summary>The token that follows, always the same.</summary>
    public RefreshToken Next(RefreshToken token)
    {
        byte[] content = [.. token.User.ToByteArray(bigEndian: true), .. token.Session.ToByteArray(bigEndian: true), .. token.Secret];
        return token with { Secret = HMACSHA256.HashData(_following.Value, content) };
    }

    public string ToText(RefreshToken token) => token.ToText(_sealing.Value);

    public bool TryRead(string? text, [NotNullWhen(true)] out RefreshToken? token) => RefreshToken.TryRead(text, _sealing.Value, out token);
}
