using System.Globalization;
using Savepoint.Documents;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Shards;

namespace Savepoint.Engine.Tests;

/// <summary>
/// One story on one virtual scheduler: a database and the engines that run on it, one after the other or against each other. A failure prints the seed;
/// <c>SAVEPOINT_SEED=… dotnet run --project tests/Savepoint.Engine.Tests -- -method "*its_name"</c> repeats it.
/// </summary>
internal sealed class World(int seed)
{
    public const int Shards = 4;

    public static EngineOptions Options { get; } = new() { ShardCount = Shards };

    public MemoryDatabase Database { get; } = new();

    public List<Node> Nodes { get; } = [];

    /// <summary>How the nodes reach each other, for units over several of them; closed until a test opens them.</summary>
    public Links Links => field ??= new Links(this);

    public VirtualScheduler Scheduler { get; } = new();

    public VirtualTime Time => Scheduler.Time;

    public Random Random { get; } = new(seed);

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

    public ShardState StateOf(int shard) => Database.Entities(shard, entities => entities.State);

    public StoredEntity? Stored(EntityKey key) =>
        Database.Entities(ShardHash.ShardOf(TestKinds.OwnerOf(key), Shards), entities => entities.Find(key));

    public IReadOnlyList<JournalSegment> Journal(int shard) => Database.Journal(shard, journal => journal.Read(0, int.MaxValue));
}
