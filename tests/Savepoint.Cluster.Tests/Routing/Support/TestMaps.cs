using Savepoint.Engine;

namespace Savepoint.Cluster.Tests.Routing;

/// <summary>Who owns what, as the test decides.</summary>
internal sealed class Assignments(SimulatedWorld world, int shards)
{
    private readonly ShardOwner[] _owners = new ShardOwner[shards];
    private readonly List<TestMaps> _maps = [];

    /// <summary>How long it takes until a node learns of a change.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(20);

    public IReadOnlyList<ShardOwner> Owners => _owners;

    public SimulatedWorld World => world;

    public void Assign(int shard, ClusterNode? node)
    {
        _owners[shard] = new ShardOwner(node, _owners[shard].Term + 1);
        foreach (var map in _maps)
            map.UpdateSoon();
    }

    public TestMaps Add(ClusterNode self, SimulatedProcess process)
    {
        var maps = new TestMaps(this, self, process);
        _maps.Add(maps);
        return maps;
    }
}

/// <summary>What one node knows of it.</summary>
internal sealed class TestMaps(Assignments assignments, ClusterNode self, SimulatedProcess process) : IShardMaps
{
    private readonly List<TaskCompletionSource> _waiting = [];

    public ClusterNode Self => self;

    public ShardMap Current { get; private set; } = new(1, assignments.Owners);

    /// <summary>Whether it hears of changes, but for what other nodes say.</summary>
    public bool IsDeaf { get; set; }

    public List<int> Doubts { get; } = [];

    public async Task<ShardMap> WaitForNewerAsync(long version, CancellationToken cancellationToken)
    {
        while (Current.Version <= version)
        {
            var newer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(newer);
            await using var registration = cancellationToken.UnsafeRegister(_ => newer.TrySetCanceled(cancellationToken), null);
            await newer.Task;
        }

        return Current;
    }

    public void Doubt(int shard)
    {
        Doubts.Add(shard);
        UpdateSoon();
    }

    public void Learn(int shard, ShardOwner owner)
    {
        if (owner.Term <= Current[shard].Term)
            return;
        var owners = Current.Owners.ToArray();
        owners[shard] = owner;
        Replace(owners);
    }

    public void UpdateSoon()
    {
        if (!IsDeaf)
            assignments.World.After(assignments.Delay, () => process.Post(Update));
    }

    private void Update()
    {
        if (!IsDeaf && !assignments.Owners.SequenceEqual(Current.Owners))
            Replace([.. assignments.Owners]);
    }

    private void Replace(ShardOwner[] owners)
    {
        Current = new ShardMap(Current.Version + 1, owners);
        var waiting = _waiting.ToArray();
        _waiting.Clear();
        foreach (var one in waiting)
            one.TrySetResult();
    }
}
