using Savepoint.Hosting.Secrets;

namespace Savepoint.Hosting.Tokens;

/// <summary>Signs access tokens for players who have logged in here. May be called from several threads at once.</summary>
public interface IPlayerTokenIssuer
{
    /// <summary>Signs a token, which every node of this cluster accepts while its login session is open.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="loginSession">The login session.</param>
    /// <param name="now">From when on it is valid; the time of the server's clock.</param>
    /// <param name="expires">Until when it is valid, exclusive.</param>
    /// <returns>The token, a JWT signed with ES256.</returns>
    /// <exception cref="ArgumentException">The user id or login session can't be, or the token would outlive the keys (<see cref="IssuedTokenOptions.KeyRotation"/>).</exception>
    /// <exception cref="InvalidOperationException">The server has not started (<see cref="IServerSecrets"/>).</exception>
    string Issue(string userId, string loginSession, DateTimeOffset now, DateTimeOffset expires);
}
