using Savepoint.Cluster;

namespace Savepoint.Storage.Conformance;

/// <summary>What the tests of a cluster's tables share: nodes, each with a connection of its own.</summary>
public abstract class ClusterTests(ILeaseDatabase database) : IAsyncLifetime
{
    protected const int Shards = 8;

    protected static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private readonly List<ILeaseStore> _stores = [];
    private int _nodes;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected ILeaseDatabase Database => database;

    public ValueTask InitializeAsync() => database.CreateAsync(Shards);

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        await database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected ILeaseStore NewStore()
    {
        var store = database.NewStore();
        _stores.Add(store);
        return store;
    }

    protected ClusterNode NewNode(string name, string? address = null, int featureLevel = 1) =>
        new(new Guid(++_nodes, 0, 0, new byte[8]), name, new Uri($"http://{address ?? name}:7350"), featureLevel);

    protected async Task<TestMember> JoinAsync(string name, string? address = null, int featureLevel = 1, bool canOwn = true, TimeSpan? duration = null)
    {
        var member = new TestMember(NewNode(name, address, featureLevel), NewStore());
        await member.Store.JoinAsync(member.Node, canOwn, duration ?? Long, Cancel);
        return member;
    }

    protected static (int Shard, Guid Owner, long Term)[] Owners(ClusterView view) =>
        [.. view.Leases.Select((lease, shard) => (shard, lease.Owner, lease.Term)).Where(lease => lease.Owner != null).Select(lease => (lease.shard, lease.Owner!.Value, lease.Term))];
}

/// <summary>A node with its connection.</summary>
public sealed record TestMember(ClusterNode Node, ILeaseStore Store)
{
    public Guid Id => Node.Id;

    public async Task<ClusterView> RenewAsync(IReadOnlyList<int>? wanted = null, TimeSpan? duration = null, bool canOwn = true, IReadOnlyList<int>? unfit = null) =>
        (await TryRenewAsync(wanted, duration, canOwn, unfit)).ShouldNotBeNull();

    public async Task<ClusterView?> TryRenewAsync(IReadOnlyList<int>? wanted = null, TimeSpan? duration = null, bool canOwn = true, IReadOnlyList<int>? unfit = null) =>
        await Store.RenewAsync(
            new LeaseRenewal(Id, duration ?? TimeSpan.FromMinutes(5)) { Wanted = wanted ?? [], CanOwn = canOwn, Unfit = unfit ?? [] }, TestContext.Current.CancellationToken);
}

internal static class LeaseStoreExtensions
{
    public static async Task ReleaseAllAsync(this ILeaseStore store, TestMember member, ClusterView view)
    {
        for (var shard = 0; shard < view.Leases.Count; shard++)
            await store.ReleaseAsync(shard, member.Id, view.Leases[shard].Term, TestContext.Current.CancellationToken);
    }
}
