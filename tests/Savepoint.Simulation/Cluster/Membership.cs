using Savepoint.Cluster;
using Savepoint.Engine;
using Savepoint.Engine.Ownership;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>What nodes that share the shards have in common: the tables of the cluster, the ways between them, and where shards should be.</summary>
internal sealed class Membership
{
    private readonly SimulationPace _pace;
    private readonly SimulatedLeases _leases;
    private readonly MovingAssignment _assignment;
    private readonly Peers _peers;
    private readonly Random _random;

    public Membership(SimulatedWorld world, SimulatedDatabase database, SimulationPace pace, int shards, Func<Wire> wire)
    {
        (_pace, _random) = (pace, world.NewRandom());
        _leases = new SimulatedLeases(world, database, new MemoryLeases(shards, world.Time))
        {
            MostHeldUp = pace.Scale(TimeSpan.FromSeconds(2)),
            MostUnnoticed = pace.Scale(TimeSpan.FromSeconds(8)),
        };
        _assignment = new MovingAssignment(shards);
        _peers = new Peers(wire);
    }

    public int Shards => _leases.Tables.Shards;

    /// <summary>Who owns a shard, as the tables say, or owned it last.</summary>
    public Guid? OwnerOf(int shard) => _leases.Tables.LeaseOf(shard).Owner;

    /// <summary>Says where a shard should be.</summary>
    public void Move(int shard, ClusterNode node) => _assignment.Move(shard, node.Id);

    /// <summary>Has a process's calls to the tables go wrong.</summary>
    public void Trouble(SimulatedProcess process, LeaseTrouble? trouble) => _leases.Trouble(process, trouble);

    /// <summary>A process of a name.</summary>
    public ClusterNode NewNode(string name)
    {
        var id = new byte[16];
        _random.NextBytes(id);
        return new ClusterNode(new Guid(id), name, new Uri($"http://{name}:7350"), FeatureLevel: 1);
    }

    /// <summary>Has a node join, as soon as the database lets it. Called in its process.</summary>
    /// <exception cref="JoinRefusedException">Its name is another's.</exception>
    public async Task<ClusterMember> JoinAsync(ClusterNode self, SimulatedProcess process, StateEngine engine, Action<string> note)
    {
        var options = new MemberOptions
        {
            Lease = _pace.Scale(TimeSpan.FromSeconds(5)),
            RenewEvery = _pace.Scale(TimeSpan.FromSeconds(1)),
            RenewTimeout = _pace.Scale(TimeSpan.FromSeconds(1.5)),
            RetryAfter = _pace.Scale(TimeSpan.FromMilliseconds(250)),
            DoubtGap = _pace.Scale(TimeSpan.FromMilliseconds(50)),
            PeerTimeout = _pace.Scale(TimeSpan.FromSeconds(2)),
            FirstUnfit = _pace.Scale(TimeSpan.FromSeconds(5)),
            Assignment = _assignment,
        };
        var member = new ClusterMember(
            new ShardMaps(self, Shards), engine, _leases.Connect(process), _peers.Connect(process), options, process.Time, new Observer(note));
        _peers.Listen(self, process, member.AnswerAsync);
        while (true)
        {
            try
            {
                await member.JoinAsync(CancellationToken.None);
                return member;
            }
            catch (StoreException)
            {
                await Task.Delay(options.RetryAfter, process.Time);
            }
        }
    }

    private sealed class Observer(Action<string> note) : IMemberObserver
    {
        public void Displaced() => note("is no member any more");

        public void Dropped(IReadOnlyList<int> shards) => note($"drops shards {string.Join(", ", shards)}");

        public void Taken(TakenShard shard, long term) => note($"takes shard {shard.Shard} under {term}: {shard.Outcome}");

        public void HandedOver(int shard, ClusterNode to, ReleasedShard? released, TimeSpan pause, bool isServed) =>
            note($"has handed shard {shard} over to {to.Name} at {released?.LastSequence}{(isServed ? "" : ", which has not said that it serves it")}");
    }
}
