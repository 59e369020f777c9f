using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>Characters of several nodes, asked of any.</summary>
public sealed class CharacterTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_node_takes_any_request_for_a_character_and_the_owner_answers_it()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        await cluster.WaitUntilAllOwnAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", TestCluster.Secret) } };
        var ids = TestCluster.IdPerShard("user");
        var (first, second) = (cluster.Nodes[0].Address, cluster.Nodes[1].Address);
        foreach (var (user, other) in new[] { (ids[(await cluster.ShardsOfAsync("node-1")).First()], second), (ids[(await cluster.ShardsOfAsync("node-2")).First()], first) })
        {
            var wish = new { name = "Bruenor", race = "human", @class = "fighter" };
            using var made = await http.PostAsJsonAsync(new Uri(other, $"/api/v1/characters?user={user}"), wish, Cancelled);
            made.StatusCode.ShouldBe(HttpStatusCode.Created);
            var path = made.Headers.Location!.ToString();
            var version = 1;
            foreach (var node in new[] { first, second, first, second })
            {
                using var changed = await http.PatchAsJsonAsync(new Uri(node, path.Replace("?", "/stats/hitpoints?", StringComparison.Ordinal)), new { delta = -1, version }, Cancelled);
                changed.StatusCode.ShouldBe(HttpStatusCode.OK);
                (await changed.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["version"]!.GetValue<int>().ShouldBe(++version);
                using var late = await http.PatchAsJsonAsync(new Uri(node, path.Replace("?", "/stats/hitpoints?", StringComparison.Ordinal)), new { delta = -1, version = 1 }, Cancelled);
                late.StatusCode.ShouldBe(HttpStatusCode.Conflict);
                (await late.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["character"]!["version"]!.GetValue<int>().ShouldBe(version);
                (await http.GetFromJsonAsync<JsonObject>(new Uri(node, path), Cancelled))!["version"]!.GetValue<int>().ShouldBe(version);
            }
        }
    }

    [Fact]
    public async Task When_an_owner_dies_its_characters_are_served_again_within_ten_seconds_and_nothing_acknowledged_is_lost()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var lost = await cluster.ShardsOfAsync("node-2");
        var users = TestCluster.IdPerShard("user").Where((_, shard) => shard % 4 == 0).ToArray();
        users.Where((_, index) => lost.Contains(index * 4)).ShouldNotBeEmpty();
        using var load = new CharacterLoad([cluster.Nodes[0].Address, cluster.Nodes[2].Address], users.Select(user => (user, TestCluster.Secret)));
        var running = load.RunAsync();
        await load.AcknowledgedAsync(500);

        var killed = Stopwatch.GetTimestamp();
        await cluster.Nodes[1].KillAsync();
        while (load.ServedAgainAfter(killed) is null)
            await load.AcknowledgedAsync(1);
        var pause = load.ServedAgainAfter(killed)!.Value;
        Console.WriteLine($"Characters of a killed node were served again after {pause.TotalSeconds:F1} s.");
        pause.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        await load.AcknowledgedAsync(500);
        load.Stop();
        await running;
        await load.CheckAsync();
        (await cluster.JournalFaultsAsync()).ShouldBe("0");
    }
}
