namespace Savepoint.Client.Tests;

public sealed class MovesAndBreaksTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(300)]
    public void Whatever_moves_and_breaks_each_change_takes_effect_once_and_those_of_a_profile_in_order(int from)
    {
        for (var seed = from; seed < from + 100; seed++)
            Simulation.Run(simulation => RunAsync(simulation, seed));
    }

    private static async Task RunAsync(Simulation simulation, int seed)
    {
        var random = new Random(seed);
        var cluster = new FakeCluster(simulation, nodes: 3);
        await using var client = await cluster.ConnectAsync(options => options with
        {
            Window = random.Next(1, 20),
            RequestTimeout = TimeSpan.FromMinutes(5),
            Random = new Random(seed),
        });
        var profile = await client.OpenAsync("session");
        foreach (var node in cluster.Nodes)
        {
            node.Treat = _ => random.Next(10) switch
            {
                0 => Treatment.LoseAnswer,
                1 or 2 => Treatment.Hold,
                _ => Treatment.Normal,
            };
        }
        var running = new List<Task>();
        var sent = new int[FakeCluster.Shards];
        for (var step = 0; step < 60; step++)
        {
            for (var i = random.Next(4); i > 0; i--)
            {
                var shard = random.Next(FakeCluster.Shards);
                running.Add(client.Log(shard, sent[shard]++));
            }
            profile.Data.AddGold(1);
            await StepAsync(simulation, cluster, random);
        }
        foreach (var node in cluster.Nodes)
        {
            node.Treat = _ => Treatment.Normal;
            node.IsDown = false;
            node.Restart();
        }
        await simulation.Delay(1);
        await Task.WhenAll(running);
        await profile.SaveAsync();
        for (var shard = 0; shard < FakeCluster.Shards; shard++)
            cluster.Log(shard).ShouldBe(Enumerable.Range(0, sent[shard]).Select(entry => (long)entry), $"seed {seed}, shard {shard}");
        cluster[0].Entity("session")["gold"].ShouldBe(60, $"seed {seed}");
        (profile.Data.Gold, profile.IsActive, profile.ChecksumMismatches).ShouldBe((60L, true, 0), $"seed {seed}");
    }

    private static async Task StepAsync(Simulation simulation, FakeCluster cluster, Random random)
    {
        var node = cluster[random.Next(cluster.Nodes.Length)];
        switch (random.Next(9))
        {
            case 0:
                node.Break();
                break;
            case 1:
                node.IsDown = !node.IsDown;
                if (node.IsDown)
                    node.Break();
                break;
            case 2 or 3:
                cluster.Own([.. Enumerable.Range(0, FakeCluster.Shards).Select(_ => random.Next(-1, cluster.Nodes.Length))]);
                break;
            case 4 or 5:
                node.TakeHeld();
                break;
            case 6 when node.IsDraining:
                node.Restart();
                break;
            case 6:
                node.Drain();
                break;
            default:
                await simulation.Delay(random.NextDouble());
                break;
        }
        await Task.Yield();
    }
}
