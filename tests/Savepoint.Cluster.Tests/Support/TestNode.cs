using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Ownership;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Cluster.Tests;

/// <summary>A process with an engine that is a member of the cluster.</summary>
internal sealed class TestNode : IMemberObserver
{
    private readonly TestCluster _cluster;
    private readonly List<string> _log = [];

    public TestNode(TestCluster cluster, ClusterNode self, MemberOptions options)
    {
        (_cluster, Self) = (cluster, self);
        Process = cluster.World.NewProcess(self.Name);
        Engine = new StateEngine(cluster.Database.Connect(Process), TestCluster.Kinds, TestCluster.EngineOptions, Process.Time, cluster.World.NewRandom());
        Process.OnDeath(Engine.Abandon);
        Store = new TestLeaseStore(cluster.Leases.Connect(Process), Process.Time);
        Maps = new ShardMaps(self, TestCluster.Shards);
        Member = new ClusterMember(Maps, Engine, Store, cluster.Peers.Connect(this), options, Process.Time, this);
        Process.Start(RunAsync);
    }

    public ClusterNode Self { get; }

    public SimulatedProcess Process { get; }

    public StateEngine Engine { get; }

    public TestLeaseStore Store { get; }

    public ShardMaps Maps { get; }

    public ClusterMember Member { get; }

    /// <summary>Why it could not join.</summary>
    public JoinRefusedException? Refused { get; private set; }

    /// <summary>What it did as a member, in words.</summary>
    public IReadOnlyList<string> Log => _log;

    public int Renewals { get; private set; }

    public int FailedRenewals { get; private set; }

    /// <summary>The shards that its engine serves, lease or not.</summary>
    public IReadOnlyList<int> Served => Engine.Snapshot().ServedShards;

    /// <summary>Asks for an entity of a shard.</summary>
    public Probe Read(int shard)
    {
        var probe = new Probe { Key = TestCluster.KeyIn(shard) };
        Process.Post(() => Engine.Read(probe));
        return probe;
    }

    /// <summary>Asks for an entity of a shard, and waits for the answer.</summary>
    public RefusalCode ReadAndWait(int shard)
    {
        var probe = Read(shard);
        _cluster.Until(() => probe.Code is not null, TimeSpan.FromSeconds(11));
        return probe.Code!.Value;
    }

    /// <summary>Changes an entity of a shard, and waits for the answer.</summary>
    public RefusalCode WriteAndWait(int shard, string path, long value)
    {
        var delta = new DeltaWriter();
        delta.Set(path, value);
        var change = new Change { Mutations = [new Mutation { Key = TestCluster.KeyIn(shard), Kind = MutationKind.Delta, Payload = delta.ToArray() }] };
        Process.Post(() => Engine.Submit(change));
        _cluster.Until(() => change.Code is not null, TimeSpan.FromSeconds(15));
        return change.Code!.Value;
    }

    /// <summary>Stops in good order.</summary>
    public void Stop() => StopWithin(CancellationToken.None);

    /// <param name="limit">Ends its leaving.</param>
    public void StopWithin(CancellationToken limit) => Process.Start(async () =>
    {
        await Member.LeaveAsync(limit);
        await Engine.StopAsync(CancellationToken.None);
        Process.Crash();
    });

    public void Renewed(ClusterView view, TimeSpan took) => Renewals++;

    public void RenewalFailed(Exception failure) => FailedRenewals++;

    public void Displaced() => _log.Add("displaced");

    public void Dropped(IReadOnlyList<int> shards) => _log.Add($"dropped {string.Join(',', shards)}");

    public void Taken(TakenShard shard, long term) => _log.Add($"took {shard.Shard} under {term}: {shard.Outcome}");

    public void HandedOver(int shard, ClusterNode to, ReleasedShard? released, TimeSpan pause, bool isServed) =>
        _log.Add($"gave {shard} to {to.Name}{(isServed ? "" : " unheard")}");

    public void HandOverFailed(int shard, ClusterNode to, string reason) => _log.Add($"kept {shard} from {to.Name}: {reason}");

    private async Task RunAsync()
    {
        await Engine.StartWithoutShardsAsync(CancellationToken.None);
        try
        {
            await Member.JoinAsync(CancellationToken.None);
        }
        catch (JoinRefusedException refused)
        {
            Refused = refused;
            Process.Crash();
        }
    }

    internal sealed class Probe : EntityReading
    {
        public RefusalCode? Code { get; private set; }

        protected override void Completed(in EntitySnapshot snapshot, Refusal? refusal) => Code = refusal?.Code ?? RefusalCode.None;
    }

    private sealed class Change : Unit
    {
        public RefusalCode? Code { get; private set; }

        protected override void Completed(Refusal? refusal) => Code = refusal?.Code ?? RefusalCode.None;
    }
}
