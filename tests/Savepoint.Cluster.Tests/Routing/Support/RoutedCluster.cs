using Savepoint.Cluster.Peers;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Documents;
using Savepoint.Engine.Units;
using Savepoint.Storage.Memory;
using Savepoint.Streams;

namespace Savepoint.Cluster.Tests.Routing;

/// <summary>Several nodes over one database, on virtual time; who owns what is decided by the test.</summary>
internal sealed class RoutedCluster
{
    public const int Shards = 4;

    private readonly MemoryDatabase _database = new();
    private readonly SimulatedPeers _peers;

    private RoutedCluster(int seed)
    {
        World = SimulatedWorld.Create(seed);
        Network = new SimulatedNetwork(World);
        Assignments = new Assignments(World, Shards);
        _peers = new SimulatedPeers(Network);
        Database = new SimulatedDatabase(World, _database);
    }

    public static KindRegistry Kinds { get; } = new(
    [
        new Kind { Name = "thing" },
        new Kind { Name = "profile" },
    ]);

    public SimulatedWorld World { get; }

    public SimulatedNetwork Network { get; }

    public SimulatedDatabase Database { get; }

    public Assignments Assignments { get; }

    public PeerOptions Options { get; set; } = new();

    public EngineOptions Engine { get; set; } = new() { ShardCount = Shards };

    /// <summary>Runs a test with some seeds, each in another order of steps.</summary>
    public static void Run(Func<RoutedCluster, Task> test, int seeds = 5)
    {
        for (var seed = 1; seed <= seeds; seed++)
        {
            var cluster = new RoutedCluster(seed);
            try
            {
                cluster.World.Scheduler!.Run(() => test(cluster), TimeSpan.FromMinutes(30));
            }
            catch (Exception failure) when (failure is not null)
            {
                throw new InvalidOperationException($"Seed {seed}: {failure.Message}", failure);
            }
            finally
            {
                cluster.World.EndAll();
            }
        }
    }

    /// <summary>An entity in a shard.</summary>
    public static EntityKey KeyIn(int shard, int number = 0, string kind = "thing")
    {
        for (var i = 0; ; i++)
        {
            var id = $"e{i}";
            if (ShardHash.ShardOf(id, Shards) == shard && number-- == 0)
                return new EntityKey(kind, id);
        }
    }

    /// <summary>Starts a node, which takes some shards.</summary>
    public async Task<RoutedNode> StartAsync(string name, params int[] shards)
    {
        var process = World.NewProcess(name);
        var random = World.NewRandom();
        var id = new byte[16];
        random.NextBytes(id);
        var self = new ClusterNode(new Guid(id), name, new Uri($"http://{name}:7350"), 1);
        var maps = Assignments.Add(self, process);
        var server = new SimulatedServer(
            process, Network, Database.Connect(process), Kinds, Engine, new StreamOptions { NodeName = name }, random, publisher: null, new SimulatedNode(maps, _peers, Options));
        var node = new RoutedNode(this, process, server, maps);
        await node.DoAsync(() => server.StartWithoutShardsAsync());
        await node.TakeAsync(shards);
        return node;
    }

    /// <summary>Hands a shard over, in good order.</summary>
    public async Task MoveAsync(int shard, RoutedNode from, RoutedNode to)
    {
        await from.DoAsync(() => from.Server.Engine.ReleaseShardsAsync([shard], CancellationToken.None));
        await to.TakeAsync(shard);
    }

    public Task Delay(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), World.Time);

    /// <summary>Lets time pass until something is so.</summary>
    public async Task Until(Func<bool> condition, string what, int seconds = 60)
    {
        var start = World.Time.GetTimestamp();
        while (!condition())
        {
            if (World.Time.GetElapsedTime(start) > TimeSpan.FromSeconds(seconds))
                throw new TimeoutException($"It did not come to it within {seconds} s: {what}.");
            await Delay(5);
        }
    }

    public TimeSpan Elapsed => World.Scheduler!.Time.Elapsed;
}

/// <summary>One node.</summary>
internal sealed class RoutedNode(RoutedCluster cluster, SimulatedProcess process, SimulatedServer server, TestMaps maps)
{
    private readonly Queue<Action> _inOrder = new();

    public SimulatedProcess Process => process;

    public SimulatedServer Server => server;

    public TestMaps Maps => maps;

    public ClusterNode Self => maps.Self;

    /// <summary>Runs something in the node.</summary>
    public async Task DoAsync(Func<Task> code)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Start(async () =>
        {
            try
            {
                await code();
                ended.SetResult();
            }
            catch (Exception failure) when (failure is not null)
            {
                ended.SetException(failure);
            }
        });
        await ended.Task;
    }

    /// <summary>Takes shards: the others hear of it, and then it is served.</summary>
    public async Task TakeAsync(params int[] shards)
    {
        foreach (var shard in shards)
            cluster.Assignments.Assign(shard, Self);
        await DoAsync(() => server.Engine.TakeShardsAsync(shards, CancellationToken.None));
    }

    /// <summary>Serves only as long as it says so once a second, as a node of a cluster does.</summary>
    public void KeepLease() => process.Start(async () =>
    {
        while (true)
        {
            server.Engine.ExtendLease(process.Time.GetTimestamp(), TimeSpan.FromSeconds(5));
            await Task.Delay(TimeSpan.FromSeconds(1), process.Time);
        }
    });

    /// <summary>As the requests of one connection: steps of a process overtake each other, these do not.</summary>
    private void InOrder(Action action)
    {
        _inOrder.Enqueue(action);
        process.Post(() => _inOrder.Dequeue()());
    }

    public TestUnit Submit(TestUnit unit)
    {
        InOrder(() => server.Routing!.Submit(unit));
        return unit;
    }

    public TestUnit Submit(params Mutation[] mutations) => Submit(new TestUnit { Mutations = mutations });

    public Reading Read(EntityKey key, long version = 0)
    {
        var reading = new Reading { Key = key, Version = version };
        InOrder(() => server.Routing!.Read(reading));
        return reading;
    }

    public Listing List(EntityKey key)
    {
        var listing = new Listing { Key = key };
        InOrder(() => server.Routing!.Read(listing));
        return listing;
    }

    public Scan Scan(Scan scan)
    {
        InOrder(() => server.Routing!.Read(scan));
        return scan;
    }

    public Onlooker Watch(EntityKey key, long from = 0)
    {
        var watcher = new Onlooker { Key = key, FromVersion = from };
        InOrder(() => server.Routing!.Watch(watcher));
        return watcher;
    }

    public void Unwatch(Onlooker watcher) => InOrder(() => server.Routing!.Unwatch(watcher));

    public Holder Open(Holder holder)
    {
        InOrder(() => server.Routing!.OpenSession(holder));
        return holder;
    }

    public void Disconnect(Holder holder) => InOrder(() => server.Routing!.Disconnect(holder));
}
