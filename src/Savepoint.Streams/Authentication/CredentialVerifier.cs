using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Authentication;

/// <summary>Game servers by a shared secret, players by a token.</summary>
/// <param name="secrets">The game servers' secrets.</param>
/// <param name="tokens">The players' tokens; null refuses every player.</param>
public sealed class CredentialVerifier(GameServerSecrets secrets, IPlayerTokenVerifier? tokens) : ICredentialVerifier
{
    private const int MaxNameLength = 64;

    /// <inheritdoc/>
    public ValueTask<Principal?> VerifyAsync(Hello hello, CancellationToken cancellationToken) => new(hello.CredentialsCase switch
    {
        Hello.CredentialsOneofCase.GameServer => VerifyGameServer(hello.GameServer),
        Hello.CredentialsOneofCase.PlayerToken => VerifyPlayer(hello.PlayerToken),
        _ => null,
    });

    private Principal? VerifyGameServer(GameServerCredentials credentials) =>
        secrets.Contains(credentials.Secret) && IsName(credentials.Name) ? Principal.GameServer(credentials.Name) : null;

    private Principal? VerifyPlayer(string token) =>
        tokens is not null && tokens.TryVerify(token, out var userId) ? Principal.Player(userId) : null;

    private static bool IsName(string name) => name is { Length: > 0 and <= MaxNameLength } && !name.Any(char.IsControl);
}
