using Savepoint.Cluster;
using Savepoint.Cluster.Peers;
using Savepoint.Protocol.Duplex;

namespace Savepoint.Testing;

/// <summary>What makes a <see cref="SimulatedServer"/> one of several nodes.</summary>
/// <param name="Maps">Who it is, and what it knows of who owns what.</param>
/// <param name="Peers">Where the nodes reach each other.</param>
/// <param name="Options">Limits and times of the links.</param>
public sealed record SimulatedNode(IShardMaps Maps, SimulatedPeers Peers, PeerOptions Options);

/// <summary>Where the nodes of a simulated cluster reach each other.</summary>
/// <param name="network">The network between them.</param>
public sealed class SimulatedPeers(SimulatedNetwork network)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, SimulatedListener> _listeners = [];

    /// <summary>Lets a process connect to the others.</summary>
    public IPeerConnector ConnectorOf(SimulatedProcess process) => new Connector(this, process);

    /// <summary>Has a node take connections of others.</summary>
    /// <param name="node">The node.</param>
    /// <param name="process">Its process.</param>
    /// <param name="accept">Gets each connection, in the process.</param>
    public SimulatedListener Listen(ClusterNode node, SimulatedProcess process, Action<IFrameDuplex> accept)
    {
        ArgumentNullException.ThrowIfNull(node);
        var listener = network.Listen(process, accept);
        lock (_gate)
            _listeners[node.Id] = listener;
        return listener;
    }

    private sealed class Connector(SimulatedPeers peers, SimulatedProcess process) : IPeerConnector
    {
        public async ValueTask<IFrameDuplex> ConnectAsync(ClusterNode node, CancellationToken cancellationToken)
        {
            SimulatedListener? listener;
            lock (peers._gate)
                listener = peers._listeners.GetValueOrDefault(node.Id);
            return listener is null ? throw new IOException("There is no such node.") : await peers.Connect(process, listener, cancellationToken);
        }
    }

    private Task<IFrameDuplex> Connect(SimulatedProcess process, SimulatedListener listener, CancellationToken cancellationToken) =>
        network.ConnectAsync(process, listener, cancellationToken);
}
