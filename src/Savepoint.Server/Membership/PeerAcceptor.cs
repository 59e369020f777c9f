using Savepoint.Cluster.Peers;
using Savepoint.Protocol.Duplex;
using Savepoint.Server.Peers;

namespace Savepoint.Server.Membership;

/// <summary>Gives the links that other nodes open to the one who serves them.</summary>
internal sealed class PeerAcceptor(PeerHost host, ILogger<PeerAcceptor> logger) : IPeerAcceptor
{
    public async Task RunAsync(Guid node, IFrameDuplex duplex, CancellationToken cancellationToken) =>
        MembershipLog.LinkEnded(logger, node.ToString(), await host.RunAsync(duplex, cancellationToken));
}
