using System.Collections.Concurrent;
using Savepoint.Cluster;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Ownership;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>Members of a cluster with their engines, over PostgreSQL and in real time.</summary>
public sealed class PostgresClusterTests : IAsyncLifetime
{
    private const int Shards = 16;

    private readonly PostgresLeaseDatabase _database = new();
    private readonly List<Node> _nodes = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _database.CreateAsync(Shards);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Nodes_share_the_shards_and_one_that_leaves_hands_its_own_over()
    {
        var a = await JoinAsync("a");
        await a.UntilAsync(() => a.Served.Count == Shards);

        var b = await JoinAsync("b");
        await b.UntilAsync(() => b.Served.Count == Shards / 2);
        a.Served.Concat(b.Served).Order().ShouldBe(Enumerable.Range(0, Shards));

        await a.Member.LeaveAsync(Cancel);

        b.Served.Count.ShouldBe(Shards);
        a.Maps.Current.Owners.ShouldAllBe(owner => owner.Node == b.Self);
        b.Maps.Current.Owners.ShouldBe(a.Maps.Current.Owners);
        foreach (var line in a.Log)
            TestContext.Current.TestOutputHelper?.WriteLine(line);
        await b.Member.LeaveAsync(Cancel);
        (await _database.RunAsync("select count(*) from nodes")).ShouldBe("0");
        (await _database.RunAsync("select count(*) from leases where node_id is not null")).ShouldBe("0");
    }

    [Fact]
    public async Task What_a_dead_node_owned_is_taken_when_its_lease_is_over()
    {
        var options = new MemberOptions { Lease = TimeSpan.FromSeconds(1), RenewEvery = TimeSpan.FromMilliseconds(200), RenewTimeout = TimeSpan.FromMilliseconds(300) };
        var (a, b) = (await JoinAsync("a", options), await JoinAsync("b", options));
        await b.UntilAsync(() => a.Served.Count == Shards / 2 && b.Served.Count == Shards / 2);

        // As a process that is killed: its connections close, and nothing of it goes on.
        await a.Store.DisposeAsync();

        await b.UntilAsync(() => b.Served.Count == Shards);
        (await _database.RunAsync("select count(distinct node_id) from leases")).ShouldBe("1");
    }

    private async Task<Node> JoinAsync(string name, MemberOptions? options = null)
    {
        var id = new byte[16];
        Random.Shared.NextBytes(id);
        var node = new Node(_nodes, new ClusterNode(new Guid(id), name, new Uri($"http://{name}:1"), 1), _database, options ?? new MemberOptions());
        _nodes.Add(node);
        await node.Engine.StartWithoutShardsAsync(Cancel);
        await node.Member.JoinAsync(Cancel);
        return node;
    }

    private sealed class Node : IMemberObserver, IPeers, IAsyncDisposable
    {
        private readonly List<Node> _nodes;
        private readonly ConcurrentQueue<string> _log = new();
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Node(List<Node> nodes, ClusterNode self, PostgresLeaseDatabase database, MemberOptions options)
        {
            (_nodes, Self, Maps, Store) = (nodes, self, new ShardMaps(self, Shards), database.NewStore());
            var clock = new BoottimeClock();
            Engine = new StateEngine(database.NewJournal(), new KindRegistry([new Kind { Name = "thing" }]), new EngineOptions { ShardCount = Shards }, clock, new Random(1));
            Member = new ClusterMember(Maps, Engine, Store, this, options, clock, this);
        }

        public ClusterNode Self { get; }

        public ShardMaps Maps { get; }

        public ILeaseStore Store { get; }

        public StateEngine Engine { get; }

        public ClusterMember Member { get; }

        public IReadOnlyList<int> Served => Engine.Snapshot().ServedShards;

        public IEnumerable<string> Log => _log;

        /// <summary>Waits until something is so: looks with each renewal and each shard that is taken.</summary>
        public async Task UntilAsync(Func<bool> isSo)
        {
            while (true)
            {
                var changed = _changed.Task;
                if (isSo())
                    return;
                await changed.WaitAsync(Cancel);
            }
        }

        public void Renewed(ClusterView view, TimeSpan took) => Change();

        public void Taken(TakenShard shard, long term) => Change();

        public void HandedOver(int shard, ClusterNode to, ReleasedShard? released, TimeSpan pause, bool isServed) =>
            _log.Enqueue($"shard {shard} to {to.Name} in {pause.TotalMilliseconds:0.0} ms, {isServed}");

        public ValueTask<ReadOnlyMemory<byte>> CallAsync(ClusterNode node, PeerCall kind, ReadOnlyMemory<byte> request, CancellationToken cancellationToken) =>
            _nodes.Single(other => other.Self.Id == node.Id).Member.AnswerAsync(request, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await Store.DisposeAsync();
            await Engine.DisposeAsync();
        }

        private void Change() =>
            Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
