using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Authentication;

/// <summary>Game servers, and whoever else has a key, by its secret; players by a token whose login session is open.</summary>
/// <param name="keys">The keys.</param>
/// <param name="tokens">The players' tokens; null refuses every player.</param>
/// <param name="logins">The login sessions; null where there are none, and tokens that name one are refused.</param>
public sealed class CredentialVerifier(AccessKeys keys, IPlayerTokenVerifier? tokens, ILoginSessions? logins = null) : ICredentialVerifier
{
    private readonly ILoginSessions _logins = logins ?? NoLoginSessions.Instance;

    /// <inheritdoc/>
    public ValueTask<Principal?> VerifyAsync(Hello hello, CancellationToken cancellationToken) => hello.CredentialsCase switch
    {
        Hello.CredentialsOneofCase.GameServer => new(keys.Find(hello.GameServer.Secret)?.ToPrincipal(hello.GameServer.Name)),
        Hello.CredentialsOneofCase.PlayerToken => VerifyPlayerAsync(hello.PlayerToken, cancellationToken),
        _ => new((Principal?)null),
    };

    private async ValueTask<Principal?> VerifyPlayerAsync(string token, CancellationToken cancellationToken)
    {
        if (tokens is null)
            return null;
        if (tokens.TryVerify(token, out var found))
            return await _logins.IsOpenAsync(found, cancellationToken) ? Principal.Player(found.UserId, found.LoginSession) : null;
        return tokens.IsReady ? null : throw LoginSessionsUnavailableException.NotReady();
    }
}
