using Savepoint.Client;

namespace Savepoint.Testing;

/// <summary>Makes SDK clients that run in a simulated process and connect through a simulated network.</summary>
public static class SimulatedClient
{
    internal const string Secret = "simulated-game-servers";

    /// <summary>A game server, as a <see cref="SimulatedServer"/> lets it in.</summary>
    public static Credentials GameServer(string name) => new GameServerCredentials(name, Secret);

    /// <summary>A player, as a <see cref="SimulatedServer"/> lets it in.</summary>
    public static Credentials Player(string userId) => new PlayerToken(_ => new ValueTask<string>(SimulatedTokens.Of(userId)));

    /// <summary>Connects a client. Call it in the process.</summary>
    /// <param name="process">Where the client runs and raises its events.</param>
    /// <param name="network">What it connects through.</param>
    /// <param name="findServer">Gives the server, for each attempt to connect: after a restart there is another one.</param>
    /// <param name="credentials">Who it is: <see cref="GameServer"/> or <see cref="Player"/>.</param>
    /// <param name="random">The client's own source of randomness.</param>
    /// <param name="options">Limits and times; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SavepointException">The server can't be reached, or refused.</exception>
    public static Task<SavepointClient> ConnectAsync(
        SimulatedProcess process,
        SimulatedNetwork network,
        Func<SimulatedListener> findServer,
        Credentials credentials,
        Random random,
        SavepointClientOptions? options = null,
        CancellationToken cancellationToken = default) => SavepointClient.ConnectAsync(
            (options ?? new SavepointClientOptions()) with
            {
                Connect = cancellation => network.ConnectAsync(process, findServer(), cancellation),
                Credentials = credentials,
                TimeProvider = process.Time,
                SynchronizationContext = process,
                Random = random,
            },
            cancellationToken);
}
