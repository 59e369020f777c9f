namespace Savepoint.Cluster;

/// <summary>Asks other nodes. Calls may come from several threads at once.</summary>
public interface IPeers
{
    /// <summary>Calls a node and waits for its answer.</summary>
    /// <param name="node">The node.</param>
    /// <param name="kind">What is asked; decides who answers there.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the wait; the call may take effect all the same.</param>
    /// <exception cref="IOException">The node can't be reached, or the connection broke before its answer came: the call may have taken effect.</exception>
    ValueTask<ReadOnlyMemory<byte>> CallAsync(ClusterNode node, PeerCall kind, ReadOnlyMemory<byte> request, CancellationToken cancellationToken);
}

/// <summary>Answers calls of other nodes.</summary>
public delegate ValueTask<ReadOnlyMemory<byte>> PeerAnswer(ReadOnlyMemory<byte> request, CancellationToken cancellationToken);

/// <summary>What one node asks another. The numbers are sent, and never change their meaning.</summary>
public enum PeerCall
{
    /// <summary>A shard is about to be, or was, handed over to the node that is asked.</summary>
    HandOver = 1,

    /// <summary>A step of a unit over several nodes.</summary>
    Unit = 2,
}
