using System.Diagnostics;
using Savepoint.Client;
using Savepoint.Testing;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>What clients notice when a node goes, with the settings as they are by default.</summary>
public sealed class FailoverTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Players_of_a_killed_node_are_served_again_within_ten_seconds(bool isDirect)
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var (first, second, third) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        var lost = await cluster.ShardsOfAsync("node-2");
        lost.Count.ShouldBeGreaterThan(15);
        await using var elsewhere = await TestCluster.ConnectThroughAsync("elsewhere", first);
        await using var there = isDirect ? await TestCluster.ConnectAsync("there", second, third) : await TestCluster.ConnectThroughAsync("there", second, third);
        var (meter, own) = (new PauseMeter(elsewhere, TestCluster.IdPerShard("far")), new PauseMeter(there, TestCluster.IdPerShard("near")));
        Task[] running = [meter.RunAsync(), own.RunAsync()];
        await meter.AnsweredAsync(1000);
        await own.AnsweredAsync(1000);

        var killed = Stopwatch.GetTimestamp();
        await second.KillAsync();
        while (!meter.HaveAnsweredSince(killed, lost) || !own.HaveAnsweredSince(killed, lost))
        {
            await meter.AnsweredAsync(1);
            meter.Failures.ShouldBeEmpty();
            own.Failures.ShouldBeEmpty();
        }

        var (atOthers, atIt) = (meter.LastToAnswerAgain(killed, lost), own.LastToAnswerAgain(killed, lost));
        Console.WriteLine($"Failover: {lost.Count} shards of a killed node answered again after {atOthers.TotalSeconds:F1} s to a client of another node, {atIt.TotalSeconds:F1} s to one of its own{(isDirect ? ", connected to all owners" : "")}.");
        atOthers.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        atIt.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        meter.Stop();
        own.Stop();
        await Task.WhenAll(running);
        await using var reader = await TestCluster.ConnectThroughAsync("reader", third);
        await meter.CheckAsync(reader);
        await own.CheckAsync(reader);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_drain_fails_no_request(bool isDirect)
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var (first, second, third) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        var moved = await cluster.ShardsOfAsync("node-2");
        await using var elsewhere = await TestCluster.ConnectThroughAsync("elsewhere", first);
        await using var there = isDirect ? await TestCluster.ConnectAsync("there", second, third) : await TestCluster.ConnectThroughAsync("there", second, third);
        var (meter, own) = (new PauseMeter(elsewhere, TestCluster.IdPerShard("far")), new PauseMeter(there, TestCluster.IdPerShard("near")));
        var hero = (await there.Store("profile").OpenSessionAsync("hero", cancellationToken: Cancelled)).ProfileOrThrow();
        hero["gold"] = 1L;
        Task[] running = [meter.RunAsync(), own.RunAsync()];
        await meter.AnsweredAsync(1000);
        await own.AnsweredAsync(1000);

        var asked = Stopwatch.GetTimestamp();
        (await second.TerminateAsync(Cancelled)).ShouldBe(0, second.Output);
        var ended = Stopwatch.GetElapsedTime(asked);
        await meter.AnsweredAsync(500);
        await own.AnsweredAsync(500);
        meter.Stop();
        own.Stop();
        await Task.WhenAll(running);

        Console.WriteLine($"Drain: {moved.Count} shards handed over, the process ended after {ended.TotalSeconds:F1} s. Pauses: {Pauses(meter, asked, moved)} to a client of another node; {Pauses(own, asked, moved)} to one of its own{(isDirect ? ", connected to all owners" : ", which had to connect elsewhere")}.");
        meter.Since(asked, moved)[^1].ShouldBeLessThan(5_000);
        own.Since(asked, moved)[^1].ShouldBeLessThan(10_000);
        await using var reader = await TestCluster.ConnectThroughAsync("reader", first);
        await meter.CheckAsync(reader);
        await own.CheckAsync(reader);

        // The session goes on at another node, under its number.
        hero["gold"] = 2L;
        await hero.SaveAsync(Cancelled);
        hero.IsActive.ShouldBeTrue();
        second.Output.ShouldContain("everything is stored");

        // What still waited for it, such as links, would hold it up until the host's patience ends.
        ended.ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_gateway_owns_nothing_serves_everything_and_knows_the_map()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var gateway = await cluster.AddAsync("gate", ("Cluster__Role", "Gateway"));
        (await cluster.ShardsOfAsync("gate")).ShouldBeEmpty();
        await using var client = await TestCluster.ConnectThroughAsync("gs", gateway);
        foreach (var id in TestCluster.IdPerShard("gate"))
            (await client.TransactAsync(unit => unit.Change("profile", id, delta => delta.Increment("count", 1L)), cancellationToken: Cancelled)).ShouldBe([1L]);
        (await gateway.HealthAsync(Cancelled)).ShouldContain("\"status\":\"healthy\"");

        var nodes = (await cluster.AskAsync(gateway, "nodes"))["nodes"]!.AsArray();
        nodes.Select(node => $"{node!["name"]} {node["canOwn"]}").ShouldBe(["gate false", "node-1 true", "node-2 true"], ignoreOrder: true);
        nodes.Sum(node => node!["shards"]!.GetValue<int>()).ShouldBe(TestCluster.Shards);
        var shards = (await cluster.AskAsync(gateway, "shards"))["shards"]!.AsArray();
        shards.Count.ShouldBe(TestCluster.Shards);
        shards.ShouldAllBe(shard => shard!["owner"]!.GetValue<string>().StartsWith("node-"));
    }

    [Fact]
    public async Task A_second_node_of_a_name_or_an_address_ends_with_a_line_and_after_a_crash_the_name_is_free_at_once()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var node = cluster.Nodes[0];
        await using (var sameName = cluster.Launch("other", ("Node", "node-1")))
            await EndsAsync(sameName, "savepoint-server: A node named 'node-1' has been running at");
        await using (var sameAddress = cluster.Launch("other", ("Cluster__AdvertisedAddress", node.Address.ToString())))
            await EndsAsync(sameAddress, "savepoint-server: The node 'node-1' has been running at");

        await node.KillAsync();
        var killed = Stopwatch.GetTimestamp();
        await node.StartAgainAsync(Cancelled);
        Console.WriteLine($"Restart: a killed node is ready again after {Stopwatch.GetElapsedTime(killed).TotalSeconds:F1} s.");
        (await cluster.ShardsOfAsync("node-1")).Count.ShouldBe(TestCluster.Shards);
    }

    private static async Task EndsAsync(ServerProcess process, string line)
    {
        (await process.WaitForExitAsync(Cancelled).WaitAsync(TimeSpan.FromSeconds(60), Cancelled)).ShouldBe(1, process.Output);
        process.Output.Split('\n').Count(text => text.StartsWith(line, StringComparison.Ordinal)).ShouldBe(1, process.Output);
    }

    private static string Pauses(PauseMeter meter, long since, IReadOnlySet<int> shards)
    {
        var times = meter.Since(since, shards);
        return $"{times[times.Length / 2]:F0} ms median, {times[(int)(times.Length * 0.99)]:F0} ms p99, {times[^1]:F0} ms longest of {times.Length}";
    }
}
