using Savepoint.Protocol.Duplex;

namespace Savepoint.Server.Peers;

/// <summary>Serves the connections that other nodes open to this one.</summary>
internal interface IPeerAcceptor
{
    /// <summary>Serves one connection until it ends, and disposes of it.</summary>
    /// <param name="node">The process at the other end, which has proven who it is.</param>
    /// <param name="duplex">The connection.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    Task RunAsync(Guid node, IFrameDuplex duplex, CancellationToken cancellationToken);
}
