using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>Who the client is to the server: <see cref="GameServerCredentials"/> or <see cref="PlayerToken"/>.</summary>
public abstract class Credentials
{
    private protected Credentials()
    {
    }

    internal abstract ValueTask WriteToAsync(Hello hello, CancellationToken cancellationToken);
}

/// <summary>A game server, which may open sessions.</summary>
/// <param name="name">Names this process; others see it as the holder of its sessions.</param>
/// <param name="secret">The secret that the server shares with its game servers.</param>
public sealed class GameServerCredentials(string name, string secret) : Credentials
{
    /// <summary>Names this process.</summary>
    public string Name { get; } = name;

    internal override ValueTask WriteToAsync(Hello hello, CancellationToken cancellationToken)
    {
        hello.GameServer = new Protocol.Messages.GameServerCredentials { Name = Name, Secret = secret };
        return default;
    }
}

/// <summary>A player, who may do what players may.</summary>
/// <param name="getToken">Gives the player's access token, a JWT. Called for each connection, so that it can be a fresh one.</param>
public sealed class PlayerToken(Func<CancellationToken, ValueTask<string>> getToken) : Credentials
{
    internal override async ValueTask WriteToAsync(Hello hello, CancellationToken cancellationToken) => hello.PlayerToken = await getToken(cancellationToken);
}
