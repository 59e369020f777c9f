using Savepoint.Client;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Credentials = Savepoint.Client.Credentials;

namespace Savepoint.Embedded;

/// <summary>Takes everybody's word for who it is: whoever connects is code of this process, which can read the memory that a secret would lie in.</summary>
internal sealed class EmbeddedCredentials : ICredentialVerifier
{
    public static Credentials GameServer(string name) => new Client.GameServerCredentials(name, "");

    public static Credentials Player(string userId) => new Client.PlayerToken(_ => new ValueTask<string>(userId));

    public ValueTask<Principal?> VerifyAsync(Hello hello, CancellationToken cancellationToken) => new(hello.CredentialsCase switch
    {
        Hello.CredentialsOneofCase.GameServer => Principal.GameServer(hello.GameServer.Name),
        Hello.CredentialsOneofCase.PlayerToken => Principal.Player(hello.PlayerToken),
        _ => null,
    });
}
