using Savepoint.Engine.Storage;

namespace Savepoint.Cluster;

/// <summary>
/// The tables by which the nodes of a cluster know of each other and share its shards. Only the database's clock counts; a node never compares its own with
/// another's. A shard's row names one owner at a time, and its term grows whenever the owner changes. A store is one node's, and ends with it: what it
/// holds in the database to show that its process lives, the database lets go of when that dies. Calls may come from several threads at once.
/// </summary>
/// <remarks>Every method throws <see cref="StoreException"/> when the database fails; a write may have taken effect then, or may still do so.</remarks>
public interface ILeaseStore : IAsyncDisposable
{
    /// <summary>The secret that all nodes share: the first one makes it.</summary>
    /// <param name="candidate">What becomes the secret if there is none yet: 32 random bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<ReadOnlyMemory<byte>> ReadOrCreateKeyAsync(ReadOnlyMemory<byte> candidate, CancellationToken cancellationToken);

    /// <summary>
    /// Registers a node, and takes the place of one with the same name or address that is proven dead, or has lost its lease. The node must serve no shard:
    /// leases that it still has are let go of.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="canOwn">Whether it may own shards.</param>
    /// <param name="duration">How long it counts as living without a renewal.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="JoinRefusedException">Its name or address is another living node's, or it is too old for the data.</exception>
    ValueTask JoinAsync(ClusterNode node, bool canOwn, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>
    /// Shows that a node lives, renews its leases, and takes of what it wants whatever is free or whose lease is over; in one exchange with the database.
    /// </summary>
    /// <returns>All that is known afterwards; null when the node is no member any more, and nothing was renewed.</returns>
    ValueTask<ClusterView?> RenewAsync(LeaseRenewal renewal, CancellationToken cancellationToken);

    /// <summary>Gives a shard to another node, with a fresh lease and the next term.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="from">Its owner, which has stopped serving it, and never serves it under this term again.</param>
    /// <param name="term">The owner's term.</param>
    /// <param name="to">The next owner.</param>
    /// <param name="duration">How long the lease lasts.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was given; not when it was the owner's no more, or the next owner is not living.</returns>
    ValueTask<bool> HandOverAsync(int shard, Guid from, long term, Guid to, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Leaves a shard to whoever wants it.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="from">Its owner, which has stopped serving it, and never serves it under this term again.</param>
    /// <param name="term">The owner's term.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask ReleaseAsync(int shard, Guid from, long term, CancellationToken cancellationToken);

    /// <summary>Ends a node's membership, with all its leases. It must serve nothing any more.</summary>
    ValueTask LeaveAsync(Guid node, CancellationToken cancellationToken);

    /// <summary>Makes a feature level the least that nodes may have, for good: to be called before anything is written that older nodes can't read.</summary>
    /// <returns>False, and nothing is changed, while a node lives whose level is lower.</returns>
    ValueTask<bool> RequireFeatureLevelAsync(int level, CancellationToken cancellationToken);
}
