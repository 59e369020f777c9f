using Savepoint.Hosting.Tokens;
using Savepoint.Modules.Accounts.Refreshing;
using Savepoint.Modules.Accounts.State;

namespace Savepoint.Modules.Accounts.Login;

/// <summary>Makes the tokens of login sessions.</summary>
internal sealed class Granting(RefreshTokens refreshTokens, IPlayerTokenIssuer issuer, AccountsOptions options, TimeProvider time)
{
    /// <summary>A user id that nobody has. Those of users who came later are greater, which keeps what belongs to new players together.</summary>
    public Guid NewUser() => Guid.CreateVersion7(time.GetUtcNow());

    /// <summary>Makes a session that is to be opened, and its first refresh token.</summary>
    public (NewSession Session, RefreshToken Token) Begin(string userId, string method, ClientInfo client)
    {
        var token = refreshTokens.First(Guid.Parse(userId), Guid.NewGuid());
        return (new NewSession(token.SessionId, token.Hash(), method) { Device = client.Device, Address = client.Address }, token);
    }

    /// <summary>Gives out the tokens of a session that is open.</summary>
    /// <param name="token">The session's refresh token.</param>
    /// <param name="expires">When it expires; null where it was issued just now.</param>
    public Grant Give(RefreshToken token, DateTimeOffset? expires = null)
    {
        var now = time.GetUtcNow();
        var accessExpires = now + options.AccessTokenLifetime;
        return new Grant(
            token.UserId,
            token.SessionId,
            issuer.Issue(token.UserId, token.SessionId, now, accessExpires),
            accessExpires,
            refreshTokens.ToText(token),
            expires ?? now + options.RefreshTokenLifetime,
            now);
    }
}
