// Nothing in a store in memory waits: async only puts what is thrown into the task.
#pragma warning disable CS1998

using Savepoint.Cluster;

namespace Savepoint.Storage.Memory;

/// <summary>
/// A node's connection to <see cref="MemoryLeases"/>. Every call completes before it returns. Closing it is what the database sees of a process that dies:
/// its name is free at once, and its leases last for as long as they would have. Safe for concurrent use.
/// </summary>
/// <param name="leases">The tables; outlive the store.</param>
public sealed class MemoryLeaseStore(MemoryLeases leases) : ILeaseStore
{
    private bool _isDisposed;

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> ReadOrCreateKeyAsync(ReadOnlyMemory<byte> candidate, CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        return leases.ReadOrCreateKey(candidate);
    }

    /// <inheritdoc/>
    public async ValueTask JoinAsync(ClusterNode node, bool canOwn, TimeSpan duration, CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        leases.Join(this, node, canOwn, duration);
    }

    /// <inheritdoc/>
    public async ValueTask<ClusterView?> RenewAsync(LeaseRenewal renewal, CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        return leases.Renew(this, renewal);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> HandOverAsync(int shard, Guid from, long term, Guid to, TimeSpan duration, CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        return leases.HandOver(shard, from, term, to, duration);
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(int shard, Guid from, long term, CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        leases.Release(shard, from, term);
    }

    /// <inheritdoc/>
    public async ValueTask LeaveAsync(Guid node, CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        leases.Leave(this, node);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RequireFeatureLevelAsync(int level, CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        return leases.RequireFeatureLevel(level);
    }

    /// <summary>Breaks the connection, as a network does: the locks are gone, and the next renewal tries to take them again.</summary>
    public void Break() => leases.End(this);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        leases.End(this);
        return ValueTask.CompletedTask;
    }

    private void Check(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
    }
}
