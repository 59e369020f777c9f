using Savepoint.Cluster.Peers;
using Savepoint.Protocol.Duplex;
using Savepoint.Server.Membership;

namespace Savepoint.Server.Peers;

/// <summary>Gives the links that other nodes open to the one who serves them, until the node stops.</summary>
internal sealed class PeerAcceptor(PeerHost host, ILogger<PeerAcceptor> logger) : IPeerAcceptor, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    public async Task RunAsync(Guid node, IFrameDuplex duplex, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, cancellationToken);
        MembershipLog.LinkEnded(logger, node.ToString(), await host.RunAsync(duplex, ending.Token));
    }

    /// <summary>Ends all links.</summary>
    public Task StopAsync() => _stopping.CancelAsync();

    public void Dispose() => _stopping.Dispose();
}
