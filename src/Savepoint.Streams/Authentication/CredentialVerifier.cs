using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Authentication;

/// <summary>Game servers, and whoever else has a key, by its secret; players by a token.</summary>
/// <param name="keys">The keys.</param>
/// <param name="tokens">The players' tokens; null refuses every player.</param>
public sealed class CredentialVerifier(AccessKeys keys, IPlayerTokenVerifier? tokens) : ICredentialVerifier
{
    /// <inheritdoc/>
    public ValueTask<Principal?> VerifyAsync(Hello hello, CancellationToken cancellationToken) => new(hello.CredentialsCase switch
    {
        Hello.CredentialsOneofCase.GameServer => keys.Find(hello.GameServer.Secret)?.ToPrincipal(hello.GameServer.Name),
        Hello.CredentialsOneofCase.PlayerToken => VerifyPlayer(hello.PlayerToken),
        _ => null,
    });

    private Principal? VerifyPlayer(string token) =>
        tokens is not null && tokens.TryVerify(token, out var found) ? Principal.Player(found.UserId, found.LoginSession) : null;
}
