using Savepoint.Engine;
using Savepoint.Engine.Units;

namespace Savepoint.Cluster.Tests.Routing;

public sealed class HandOverTests
{
    private static readonly EntityKey Thing = TestCluster.KeyIn(1);

    [Theory]
    [InlineData("first")]
    [InlineData("second")]
    [InlineData("gateway")]
    public void Of_a_pipeline_over_a_hand_over_none_fails_none_is_doubled_and_the_order_is_kept(string edge) => TestCluster.Run(
        async cluster =>
        {
            var first = await cluster.StartAsync("first", 0, 1, 2, 3);
            var second = await cluster.StartAsync("second");
            var gateway = await cluster.StartAsync("gateway");
            var at = edge switch { "first" => first, "second" => second, _ => gateway };
            var random = cluster.World.NewRandom();

            // Nodes hear of a new owner before it serves the shard, or after.
            cluster.Assignments.Delay = TimeSpan.FromMilliseconds(random.Next(2) * 20);

            // Each expects the version that the one before it makes: out of order, or twice, it would be refused.
            const int Count = 300;
            var pipelines = Enumerable.Range(0, 3).Select(writer => PipeAsync(cluster, at, writer, Count, random)).ToList();
            for (var move = 0; move < 6; move++)
            {
                await cluster.Delay(random.Next(30));
                await cluster.MoveAsync(1, move % 2 == 0 ? first : second, move % 2 == 0 ? second : first);
            }

            foreach (var pipeline in pipelines)
                await pipeline;
            for (var writer = 0; writer < 3; writer++)
            {
                var reading = gateway.Read(TestCluster.KeyIn(1, writer));
                await reading.Answer;
                reading.Snapshot.Version.ShouldBe(Count);
            }

            gateway.Server.Routing!.Waiting.ShouldBe(0);
        },
        seeds: 20);

    [Fact]
    public void What_waits_for_a_load_is_brought_to_the_next_owner_in_its_place() => TestCluster.Run(
        async cluster =>
        {
            var first = await cluster.StartAsync("first", 0, 1, 2, 3);
            var second = await cluster.StartAsync("second");
            var gateway = await cluster.StartAsync("gateway");
            cluster.Database.Weather = cluster.Database.Weather with { MinLatency = TimeSpan.FromMilliseconds(40), MaxLatency = TimeSpan.FromMilliseconds(60) };
            var units = Enumerable.Range(1, 20).Select(i => TestUnit.By(1, i, TestUnit.Add(Thing, "n", 1) with { ExpectedVersion = i - 1 })).ToList();
            var moving = MoveSoonAsync();
            foreach (var unit in units)
            {
                gateway.Submit(unit);
                await cluster.Delay(3);
            }

            foreach (var unit in units)
                (await unit.Answer).ShouldBeNull();
            await moving;

            async Task MoveSoonAsync()
            {
                await cluster.Delay(20);
                await cluster.MoveAsync(1, first, second);
            }
        },
        seeds: 20);

    [Fact]
    public void The_pause_of_a_hand_over_is_short() => TestCluster.Run(async cluster =>
    {
        var first = await cluster.StartAsync("first", 0, 1, 2, 3);
        var second = await cluster.StartAsync("second");
        var gateway = await cluster.StartAsync("gateway");
        (await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer).ShouldBeNull();
        var longest = TimeSpan.Zero;
        var moving = cluster.MoveAsync(1, first, second);
        while (!moving.IsCompleted)
        {
            var start = cluster.Elapsed;
            (await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer).ShouldBeNull();
            longest = cluster.Elapsed - start > longest ? cluster.Elapsed - start : longest;
        }

        longest.ShouldBeLessThan(TimeSpan.FromMilliseconds(250));
    });

    /// <summary>Sends units without waiting for the ones before, at most so many at once.</summary>
    private static async Task PipeAsync(TestCluster cluster, TestNode at, int writer, int count, Random random)
    {
        var key = TestCluster.KeyIn(1, writer);
        var sent = new Queue<TestUnit>();
        for (var i = 1; i <= count; i++)
        {
            sent.Enqueue(at.Submit(TestUnit.By(writer + 1, i, TestUnit.Add(key, "n", 1) with { ExpectedVersion = i - 1 })));
            if (random.Next(4) == 0)
                await cluster.Delay(1);
            while (sent.Count > 40)
                await CheckAsync(sent.Dequeue());
        }

        while (sent.Count > 0)
            await CheckAsync(sent.Dequeue());
    }

    private static async Task CheckAsync(TestUnit unit)
    {
        (await unit.Answer).ShouldBeNull();
        unit.Version.ShouldBe(unit.Request);
    }
}
