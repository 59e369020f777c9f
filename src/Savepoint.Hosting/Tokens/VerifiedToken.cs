using System.Security.Claims;
using Savepoint.Hosting.Principals;
using Savepoint.Streams.Authentication;

namespace Savepoint.Hosting.Tokens;

/// <summary>A token that was found genuine, with what is made of it once for all requests that bring it.</summary>
internal sealed class VerifiedToken
{
    private readonly DateTimeOffset _from, _until;
    private ClaimsPrincipal? _user;

    /// <param name="token">What it says.</param>
    /// <param name="notBefore">From when on it is valid.</param>
    /// <param name="issuer">Whose it is.</param>
    public VerifiedToken(PlayerToken token, DateTimeOffset notBefore, TrustedIssuer issuer)
    {
        Token = token;
        _from = notBefore - DateTimeOffset.MinValue > issuer.EarlyBy ? notBefore - issuer.EarlyBy : DateTimeOffset.MinValue;
        _until = DateTimeOffset.MaxValue - token.ExpiresAt > issuer.LateBy ? token.ExpiresAt + issuer.LateBy : DateTimeOffset.MaxValue;
    }

    public PlayerToken Token { get; }

    /// <summary>Its user as ASP.NET Core knows users. Shared by requests, so nobody may add to it.</summary>
    public ClaimsPrincipal User => _user ??= new ClaimsPrincipal(new PrincipalIdentity(Principal.Player(Token.UserId, Token.LoginSession)));

    public bool IsEarly(DateTimeOffset now) => now < _from;

    public bool IsExpired(DateTimeOffset now) => now >= _until;
}
