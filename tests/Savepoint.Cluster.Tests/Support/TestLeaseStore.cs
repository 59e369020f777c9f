using Savepoint.Engine.Storage;

namespace Savepoint.Cluster.Tests;

/// <summary>A node's way to the tables, which can be cut, and whose answers can be held up.</summary>
internal sealed class TestLeaseStore(ILeaseStore inner, TimeProvider time) : ILeaseStore
{
    private readonly List<Func<Task>> _late = [];

    /// <summary>Whether nothing gets through.</summary>
    public bool IsCut { get; set; }

    /// <summary>How long answers of renewals take.</summary>
    public TimeSpan HeldUp { get; set; }

    /// <summary>When the last renewal that got through was sent.</summary>
    public long LastSent { get; private set; }

    /// <summary>Whether hand-overs get stuck on their way: their caller is told that the connection died, and <see cref="ArriveAsync"/> brings them in.</summary>
    public bool HandOversComeLate { get; set; }

    /// <summary>Brings in what was stuck.</summary>
    public async Task ArriveAsync()
    {
        foreach (var call in _late)
            await call();
        _late.Clear();
    }

    public ValueTask<ReadOnlyMemory<byte>> ReadOrCreateKeyAsync(ReadOnlyMemory<byte> candidate, CancellationToken cancellationToken) =>
        inner.ReadOrCreateKeyAsync(candidate, cancellationToken);

    public ValueTask JoinAsync(ClusterNode node, bool canOwn, TimeSpan duration, CancellationToken cancellationToken) =>
        inner.JoinAsync(node, canOwn, duration, cancellationToken);

    public async ValueTask<ClusterView?> RenewAsync(LeaseRenewal renewal, CancellationToken cancellationToken)
    {
        ThrowIfCut();
        LastSent = time.GetTimestamp();
        var view = await inner.RenewAsync(renewal, cancellationToken);
        if (HeldUp > TimeSpan.Zero)
            await Task.Delay(HeldUp, time, cancellationToken);
        return view;
    }

    public ValueTask<bool> HandOverAsync(int shard, Guid from, long term, Guid to, TimeSpan duration, CancellationToken cancellationToken)
    {
        ThrowIfCut();
        if (!HandOversComeLate)
            return inner.HandOverAsync(shard, from, term, to, duration, cancellationToken);
        _late.Add(async () => await inner.HandOverAsync(shard, from, term, to, duration, CancellationToken.None));
        throw new StoreException("the connection died", WriteOutcome.Unknown, isTransient: true);
    }

    public ValueTask ReleaseAsync(int shard, Guid from, long term, CancellationToken cancellationToken)
    {
        ThrowIfCut();
        return inner.ReleaseAsync(shard, from, term, cancellationToken);
    }

    public ValueTask LeaveAsync(Guid node, CancellationToken cancellationToken)
    {
        ThrowIfCut();
        return inner.LeaveAsync(node, cancellationToken);
    }

    public ValueTask<bool> RequireFeatureLevelAsync(int level, CancellationToken cancellationToken) => inner.RequireFeatureLevelAsync(level, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private void ThrowIfCut()
    {
        if (IsCut)
            throw new StoreException("the database can't be reached", WriteOutcome.NotApplied, isTransient: true);
    }
}
