using System.Diagnostics;
using Savepoint.Documents;
using Savepoint.EndToEnd.Cluster;

namespace Savepoint.EndToEnd.Edge;

/// <summary>A gateway in front of three nodes, and players who know nothing but it.</summary>
public sealed class GatewayTests : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(40) };
    private readonly PlayerIssuer _issuer = new();

    public void Dispose()
    {
        _http.Dispose();
        _issuer.Dispose();
    }

    [Fact]
    public async Task Any_node_and_the_gateway_take_any_request_and_survive_the_death_of_the_owner()
    {
        await using var cluster = await TestCluster.StartAsync(3, _issuer.Settings);
        var gateway = await cluster.AddAsync("gate", [("Cluster__Role", "Gateway"), .. _issuer.Settings]);
        var killed = cluster.Nodes[1];
        var lost = await cluster.ShardsOfAsync("node-2");
        (await cluster.ShardsOfAsync("gate")).ShouldBeEmpty();

        // Each asks another server, for users of every owner.
        var ids = TestCluster.IdPerShard("player");
        Uri[] servers = [cluster.Nodes[0].Address, killed.Address, cluster.Nodes[2].Address, gateway.Address];
        foreach (var (id, shard) in ids.Select((id, shard) => (id, shard)).Where(one => one.shard % 8 == 0))
        {
            foreach (var server in servers)
                await new Player(_http, server, $"{id}", _issuer.Issue(id)).CountOnceAsync(Array.IndexOf(servers, server));
            (await new Player(_http, gateway.Address, id, _issuer.Issue(id)).ReadAsync(servers[shard / 8 % 4])).ShouldBe(4);
        }

        var players = Enumerable.Range(0, 24).Select(i => $"hero-{i}").Select(id => new Player(_http, gateway.Address, id, _issuer.Issue(id))).ToList();
        for (var i = 0; i < 6; i++)
            players.Add(await Player.RegisterAsync(_http, servers[i % servers.Length], gateway.Address, $"player-{i}"));
        var of = players.Where(player => lost.Contains(ShardHash.ShardOf(player.UserId, TestCluster.Shards))).ToList();
        of.Count.ShouldBeGreaterThan(3);
        var running = players.Select(player => player.RunAsync()).ToList();
        await Task.WhenAll(players.Select(player => player.AnsweredSinceAsync(0)));

        var at = Stopwatch.GetTimestamp();
        await killed.KillAsync();
        var dead = Stopwatch.GetTimestamp();
        await Task.WhenAll(players.Select(player => player.AnsweredSinceAsync(dead)));
        var longest = of.Max(player => Stopwatch.GetElapsedTime(at, player.LastAt));
        Console.WriteLine($"Gateway: {of.Count} players of a killed node were served again after {longest.TotalSeconds:F1} s.");
        longest.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        players.ForEach(player => player.Stop());
        await Task.WhenAll(running);
        foreach (var player in players)
            (await player.ReadAsync(cluster.Nodes[0].Address)).ShouldBe(player.Acknowledged, player.UserId);
        (await _http.GetStringAsync(new Uri(gateway.Address, "/metrics"), TestContext.Current.CancellationToken)).ShouldContain(
            "http_server_request_duration_seconds_bucket{http_request_method=\"PATCH\",http_route=\"/api/v1/profiles/{id}\",http_response_status_class=\"2xx\",le=\"0.3\"}");
        players.Sum(player => player.Acknowledged).ShouldBeGreaterThan(players.Count);
    }
}
