using Microsoft.Extensions.Logging.Abstractions;
using Savepoint.Cluster;
using Savepoint.Cluster.Peers;
using Savepoint.Cluster.Routing;
using Savepoint.Engine;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Spanning;
using Savepoint.Engine.Storage;
using Savepoint.Protocol.Duplex;
using Savepoint.Streams;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;

namespace Savepoint.Testing;

/// <summary>
/// A Savepoint server in a simulated process: the engine and the stream server as they run in production, over any store. A process runs one; after a crash
/// make another, in a new process, over what the database holds.
/// </summary>
public sealed class SimulatedServer
{
    // Instruments cost time to make and are never read here.
    private static readonly StreamMetrics Metrics = new();
    private static readonly AccessKeys Keys = AccessKeys.OfGameServers(SimulatedClient.Secret);

    private readonly SimulatedProcess _process;

    /// <summary>Makes a server on one database; <see cref="StartAsync"/> brings it up.</summary>
    /// <param name="process">Where it runs.</param>
    /// <param name="network">Where it listens.</param>
    /// <param name="store">The database; the server's own from now on.</param>
    /// <param name="kinds">All kinds of entities.</param>
    /// <param name="engine">The engine's options.</param>
    /// <param name="streams">The stream server's options.</param>
    /// <param name="random">The server's own source of randomness.</param>
    /// <param name="publisher">Where committed changes are published; null for nowhere.</param>
    /// <param name="node">Makes it one of several nodes, which takes requests for all shards; null for a server alone.</param>
    /// <param name="peers">Reaches the owners of other shards for units over several nodes; null for the links of the node, if it is one.</param>
    public SimulatedServer(
        SimulatedProcess process,
        SimulatedNetwork network,
        IStore store,
        KindRegistry kinds,
        EngineOptions engine,
        StreamOptions streams,
        Random random,
        IPublisher? publisher = null,
        SimulatedNode? node = null,
        IShardPeers? peers = null)
        : this(process, network, ShardDatabases.One(store, engine.ShardCount), kinds, engine, streams, random, publisher, node, peers)
    {
    }

    /// <summary>Makes a server on several databases; <see cref="StartAsync"/> brings it up.</summary>
    /// <param name="process">Where it runs.</param>
    /// <param name="network">Where it listens.</param>
    /// <param name="databases">The databases; the server's own from now on.</param>
    /// <param name="kinds">All kinds of entities.</param>
    /// <param name="engine">The engine's options.</param>
    /// <param name="streams">The stream server's options.</param>
    /// <param name="random">The server's own source of randomness.</param>
    /// <param name="publisher">Where committed changes are published; null for nowhere.</param>
    /// <param name="node">Makes it one of several nodes, which takes requests for all shards; null for a server alone.</param>
    /// <param name="peers">Reaches the owners of other shards for units over several nodes; null for the links of the node, if it is one.</param>
    public SimulatedServer(
        SimulatedProcess process,
        SimulatedNetwork network,
        ShardDatabases databases,
        KindRegistry kinds,
        EngineOptions engine,
        StreamOptions streams,
        Random random,
        IPublisher? publisher = null,
        SimulatedNode? node = null,
        IShardPeers? peers = null)
    {
        _process = process;
        if (node is not null)
        {
            Answers = new PeerAnswers();
            Links = new PeerLinks(node.Maps.Self, () => Engine!.DatabaseId, node.Peers.ConnectorOf(process), Answers, node.Options, process.Time);
            peers ??= new ShardPeers(node.Maps, Links);
        }

        Engine = new StateEngine(databases, kinds, engine, process.Time, random, publisher, peers);
        // The engine keeps its random to itself; the same key on every start lets writers go on after a crash.
        var ids = new Random(random.Next());
        if (node is not null && Links is not null && Answers is not null)
        {
            Answers.Add(PeerCall.Unit, Engine.AnswerAsync);
            Routing = new RoutedEngine(Engine, node.Maps, Links, node.Options, process.Time);
            PeerHost = new PeerHost(Engine, node.Maps, Answers, node.Options, process.Time);
            PeerListener = node.Peers.Listen(
                node.Maps.Self, process, duplex => process.Start(() => PeerHost.RunAsync(duplex, CancellationToken.None)));
            PeerListener.Close();
        }

        Streams = new StreamServer(
            Routing ?? (IStateEngine)Engine,
            kinds,
            new CredentialVerifier(Keys, new SimulatedTokens()),
            new KindAuthorizer(kinds),
            new WriterIds(new byte[32], bytes => ids.NextBytes(bytes)),
            streams,
            process.Time,
            Metrics,
            NullLogger<StreamServer>.Instance);
        Listener = network.Listen(process, Serve);
        Listener.Close();
        process.OnDeath(Engine.Abandon);
    }

    /// <summary>The state.</summary>
    public StateEngine Engine { get; }

    /// <summary>Takes requests for all shards; null for a server alone.</summary>
    public RoutedEngine? Routing { get; }

    /// <summary>The links to other nodes; null for a server alone.</summary>
    public PeerLinks? Links { get; }

    /// <summary>Answers the calls of other nodes; null for a server alone.</summary>
    public PeerAnswers? Answers { get; }

    /// <summary>Serves the requests of other nodes; null for a server alone.</summary>
    public PeerHost? PeerHost { get; }

    /// <summary>Where other nodes connect to; null for a server alone.</summary>
    public SimulatedListener? PeerListener { get; }

    /// <summary>What serves connections.</summary>
    public StreamServer Streams { get; }

    /// <summary>Where clients connect to; open while the server runs.</summary>
    public SimulatedListener Listener { get; }

    /// <summary>Recovers what the database holds and begins to serve. Call it in the process.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await Engine.StartAsync(cancellationToken);
        Open();
    }

    /// <summary>Begins to serve no shard, as a node of a cluster, whose engine is told later which to take. Call it in the process.</summary>
    public async Task StartWithoutShardsAsync(CancellationToken cancellationToken = default)
    {
        await Engine.StartWithoutShardsAsync(cancellationToken);
        Open();
    }

    /// <summary>Ends in good order, as SIGTERM does: clients drain, then everything is committed and checkpointed. Call it in the process.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await Streams.DrainAsync(cancellationToken);
        Listener.Close();
        Routing?.Dispose();
        await Engine.StopAsync(cancellationToken);
        await Engine.DisposeAsync();
        PeerListener?.Close();
        if (Links is not null)
            await Links.DisposeAsync();
    }

    private void Open()
    {
        PeerListener?.Open();
        Listener.Open();
    }

    private void Serve(IFrameDuplex duplex) => _process.Start(() => Streams.RunAsync(duplex, CancellationToken.None));
}
