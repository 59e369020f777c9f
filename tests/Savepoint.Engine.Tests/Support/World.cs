using System.Globalization;
using Savepoint.Documents;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Shards;

namespace Savepoint.Engine.Tests;

/// <summary>
/// One story on one virtual scheduler: a database and the engines that run on it, one after the other or against each other. A failure prints the seed;
/// <c>SAVEPOINT_SEED=… dotnet run --project tests/Savepoint.Engine.Tests -- -method "*its_name"</c> repeats it.
/// </summary>
internal sealed class World
{
    public World(int seed)
    {
        Random = new Random(seed);
        Layout = [(ShardRange.All(Shards), Database)];
    }

    public const int Shards = 4;

    public static EngineOptions Options { get; } = new() { ShardCount = Shards };

    /// <summary>The database; of two, the one of the shards 0 and 1.</summary>
    public MemoryDatabase Database { get; private set; } = new();

    /// <summary>The database of the shards 2 and 3, where there are two.</summary>
    public MemoryDatabase? Second { get; private set; }

    /// <summary>What a node that starts is told of the databases.</summary>
    public IReadOnlyList<(ShardRange Shards, MemoryDatabase Data)> Layout { get; private set; }

    public List<Node> Nodes { get; } = [];

    /// <summary>How the nodes reach each other, for units over several of them; closed until a test opens them.</summary>
    public Links Links => field ??= new Links(this);

    /// <summary>Whether the nodes that start from now on have their holders in their own process.</summary>
    public bool HoldersEndWithProcess { get; set; }

    public VirtualScheduler Scheduler { get; } = new();

    public VirtualTime Time => Scheduler.Time;

    public Random Random { get; }

    /// <summary>Runs a story on the scheduler until it has ended.</summary>
    public static void Run(Func<World, Task> story, int seed = 1)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("SAVEPOINT_SEED"), CultureInfo.InvariantCulture, out var wanted))
            seed = wanted;
        var world = new World(seed);
        try
        {
            world.Scheduler.Run(() => story(world), TimeSpan.FromHours(6));
            foreach (var node in world.Nodes)
                node.Engine.Snapshot().Fault.ShouldBeNull();
        }
        catch (Exception failure) when (failure is not null)
        {
            throw new InvalidOperationException($"With SAVEPOINT_SEED={seed}, at {world.Time.Elapsed}: {failure.Message}", failure);
        }
    }

    /// <summary>An engine that is brought up by and by: <see cref="Node.StartAsync"/> is not called yet.</summary>
    public Node NewNode(EngineOptions? options = null, IPublisher? publisher = null, KindRegistry? kinds = null) =>
        new(this, options ?? Options, publisher, kinds ?? TestKinds.All);

    public async Task<Node> StartAsync(EngineOptions? options = null, IPublisher? publisher = null, KindRegistry? kinds = null)
    {
        var node = NewNode(options, publisher, kinds);
        await node.StartAsync();
        return node;
    }

    /// <summary>Starts an engine that takes some of the shards, as a node of a cluster.</summary>
    public async Task<Node> JoinAsync(int[] shards, EngineOptions? options = null, IPublisher? publisher = null)
    {
        var node = NewNode(options, publisher);
        await node.Engine.StartWithoutShardsAsync(CancellationToken.None);
        await node.Take(shards);
        return node;
    }

    /// <summary>Spreads the shards over two databases.</summary>
    public void UseTwoDatabases() => UseTwoDatabases(Database, new MemoryDatabase());

    /// <summary>Puts two databases in the place of those before.</summary>
    public void UseTwoDatabases(MemoryDatabase first, MemoryDatabase second)
    {
        (Database, Second) = (first, second);
        Layout = [(new ShardRange(0, 1), first), (new ShardRange(2, 3), second)];
    }

    public void UseOther(IReadOnlyList<(ShardRange Shards, MemoryDatabase Data)> layout) => Layout = layout;

    /// <summary>Lets everything happen that can without the clock moving.</summary>
    public void Settle() => Scheduler.RunReady();

    /// <summary>Lets everything happen within a time.</summary>
    public void Pass(double seconds) => Scheduler.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>A key of a shard.</summary>
    public static EntityKey KeyIn(int shard, int number = 0, string kind = "thing", int shards = Shards)
    {
        for (var i = 0; ; i++)
        {
            var id = $"e{i}";
            if (ShardHash.ShardOf(id, shards) == shard && number-- == 0)
                return new EntityKey(kind, id);
        }
    }

    public static EntityKey Thing(string id) => new("thing", id);

    public static Guid Writer(int number) => new(number, 0, 0, new byte[8]);

    public ShardState StateOf(int shard) => DatabaseOf(shard).Entities(shard, entities => entities.State);

    public StoredEntity? Stored(EntityKey key) =>
        DatabaseOf(ShardOf(key)).Entities(ShardOf(key), entities => entities.Find(key));

    public IReadOnlyList<JournalSegment> Journal(int shard) => DatabaseOf(shard).Journal(shard, journal => journal.Read(0, int.MaxValue));

    private MemoryDatabase DatabaseOf(int shard) => Layout.Single(database => database.Shards.Contains(shard)).Data;

    private static int ShardOf(EntityKey key) => ShardHash.ShardOf(TestKinds.OwnerOf(key), Shards);
}
