using Savepoint.Streams.Errors;

namespace Savepoint.Streams.Authentication;

/// <summary>
/// Knows which login sessions are open: one begins when a player logs in, and ends at logout or when it is revoked, whatever the tokens say that were issued for it. All
/// methods may be called from several threads at once.
/// </summary>
public interface ILoginSessions
{
    /// <summary>Whether a token's login session was not logged out or revoked, as the owner of the user's shard knows it.</summary>
    /// <param name="token">A genuine token.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>
    /// Whether it is open. True for a token without one, if such tokens are accepted at all. A session that is unknown is not open.
    /// </returns>
    /// <exception cref="LoginSessionsUnavailableException">It can't be found out at present; then nobody may be let in.</exception>
    ValueTask<bool> IsOpenAsync(PlayerToken token, CancellationToken cancellationToken);

    /// <summary>Watches a login session for as long as a connection lasts that began with it.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="loginSession">The login session.</param>
    /// <param name="ended">
    /// Called once at most, as soon as the session is known to have ended: at once where it had ended already, so that none ends unseen between
    /// <see cref="IsOpenAsync"/> and this. May be called on any thread, also before this method has returned; must be quick and must not throw. Not called for what
    /// merely can't be found out at present.
    /// </param>
    /// <returns>What ends the watching when it is disposed of; a call that is on its way may still come.</returns>
    IDisposable Watch(string userId, string loginSession, Action ended);
}

/// <summary>Whether a login session is open can't be found out at present, since the owner of the user's shard does not answer.</summary>
/// <param name="code">The code that tells clients so, of docs/reference/errors.md.</param>
/// <param name="message">For people.</param>
public sealed class LoginSessionsUnavailableException(string code, string message) : Exception(message)
{
    /// <summary>The code that tells clients so.</summary>
    public string Code { get; } = code;

    /// <summary>Of a server that does not know yet whose tokens are genuine.</summary>
    public static LoginSessionsUnavailableException NotReady()
    {
        var error = RequestErrors.NotReady();
        return new LoginSessionsUnavailableException(error.Code, error.Message);
    }
}

/// <summary>Where nobody logs in here, and tokens come from a studio's own issuer: there are no login sessions, and a token that names one is not for this server.</summary>
public sealed class NoLoginSessions : ILoginSessions, IDisposable
{
    /// <summary>The only one.</summary>
    public static NoLoginSessions Instance { get; } = new();

    private NoLoginSessions()
    {
    }

    /// <inheritdoc/>
    public ValueTask<bool> IsOpenAsync(PlayerToken token, CancellationToken cancellationToken) => new(token.LoginSession is null);

    /// <inheritdoc/>
    public IDisposable Watch(string userId, string loginSession, Action ended)
    {
        ended();
        return this;
    }

    /// <summary>There is nothing to end.</summary>
    void IDisposable.Dispose()
    {
    }
}
