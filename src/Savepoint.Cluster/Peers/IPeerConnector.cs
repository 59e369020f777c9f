using Savepoint.Protocol.Duplex;

namespace Savepoint.Cluster;

/// <summary>Connects to other nodes, so that each side is sure of the other.</summary>
public interface IPeerConnector
{
    /// <summary>Opens a connection to a node.</summary>
    /// <exception cref="IOException">It can't be reached, is another process by now, or does not accept this one.</exception>
    ValueTask<IFrameDuplex> ConnectAsync(ClusterNode node, CancellationToken cancellationToken);
}
