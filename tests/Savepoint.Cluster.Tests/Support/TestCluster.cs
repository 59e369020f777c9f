using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Shards;

namespace Savepoint.Cluster.Tests;

/// <summary>Nodes on one database, each in a process of its own, on virtual time.</summary>
internal sealed class TestCluster : IDisposable
{
    public const int Shards = 6;

    private readonly List<TestNode> _nodes = [];

    public TestCluster(int seed = 1)
    {
        World = SimulatedWorld.Create(seed);
        Database = new SimulatedDatabase(World, new MemoryDatabase());
        Tables = new MemoryLeases(Shards, World.Time);
        Leases = new SimulatedLeases(World, Database, Tables) { HeldUp = 0, MostUnnoticed = TimeSpan.Zero };
        Peers = new TestPeers(World);
    }

    public static KindRegistry Kinds { get; } = new([new Kind { Name = "thing" }]);

    public static EngineOptions EngineOptions { get; } = new() { ShardCount = Shards };

    public SimulatedWorld World { get; }

    public SimulatedDatabase Database { get; }

    public MemoryLeases Tables { get; }

    public SimulatedLeases Leases { get; }

    public TestPeers Peers { get; }

    public TimeSpan Now => World.Scheduler!.Time.Elapsed;

    public IEnumerable<TestNode> Living => _nodes.Where(node => node.Process.IsAlive);

    /// <summary>A key of a shard.</summary>
    public static EntityKey KeyIn(int shard)
    {
        for (var i = 0; ; i++)
        {
            if (ShardHash.ShardOf($"e{i}", Shards) == shard)
                return new EntityKey("thing", $"e{i}");
        }
    }

    /// <summary>Starts a node.</summary>
    public TestNode Start(string name, MemberOptions? options = null, string? address = null, int featureLevel = 1)
    {
        var id = new Guid(_nodes.Count + 1, 0, 0, new byte[8]);
        var node = new TestNode(this, new ClusterNode(id, name, new Uri($"http://{address ?? name}:7350"), featureLevel), options ?? new MemberOptions());
        _nodes.Add(node);
        return node;
    }

    /// <summary>Starts nodes, and lets them share the shards.</summary>
    public TestNode[] Start(int count)
    {
        TestNode[] nodes = [.. Enumerable.Range(0, count).Select(number => Start($"n{number}"))];
        Until(() => nodes.All(node => node.Served.Count == Shards / count), TimeSpan.FromSeconds(5));
        return nodes;
    }

    /// <summary>Lets everything happen within a time.</summary>
    public void Pass(double seconds) => World.Scheduler!.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Lets time pass until something is so.</summary>
    /// <returns>How long it took.</returns>
    public TimeSpan Until(Func<bool> isSo, TimeSpan most)
    {
        var from = Now;
        while (!isSo())
        {
            (Now - from).ShouldBeLessThan(most, "it took too long");
            World.Scheduler!.Advance(TimeSpan.FromMilliseconds(1));
        }

        return Now - from;
    }

    public void Dispose() => World.EndAll();
}
