using System.Text.Json.Nodes;
using Savepoint.Server.Tests.Accounts;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>What concerns profiles of several nodes, over HTTP, asked of any node.</summary>
public sealed class HttpTests : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task A_transaction_and_a_batch_reach_profiles_of_both_nodes_and_a_key_holds_at_either()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        await cluster.WaitUntilAllOwnAsync();
        var (first, second) = (cluster.Nodes[0].Address, cluster.Nodes[1].Address);
        var ids = TestCluster.IdPerShard("user");
        var (alice, bob) = (ids[(await cluster.ShardsOfAsync("node-1")).First()], ids[(await cluster.ShardsOfAsync("node-2")).First()]);
        foreach (var id in new[] { alice, bob })
            (await SendAsync(HttpMethod.Put, first, $"profiles/{id}", """{"document":{"gold":10}}""", ("If-None-Match", "*"))).ShouldBe(201);

        var trade = Trade(alice, bob, 7);
        foreach (var node in new[] { second, first, second })
            (await SendAsync(HttpMethod.Post, node, "transactions", trade, ("Idempotency-Key", "trade-1"))).Body.ToJsonString().ShouldBe("""{"versions":[2,2]}""");
        (await GoldAsync(first, alice), await GoldAsync(first, bob)).ShouldBe((3, 17));

        // One of them refuses, so neither changes, and it is said which.
        var refused = await SendAsync(HttpMethod.Post, second, "transactions", trade, ("Idempotency-Key", "trade-2"));
        refused.ShouldBe(422, "document.out_of_bounds").Text("id").ShouldBe(alice);
        (await GoldAsync(second, alice), await GoldAsync(second, bob)).ShouldBe((3, 17));

        var parts = $$"""{"parts":[{{Part(alice, 1)}},{{Part("nobody", 1)}},{{Part(bob, 1)}}]}""";
        foreach (var node in new[] { first, second })
        {
            var results = (await SendAsync(HttpMethod.Post, node, "profiles/batch", parts, ("Idempotency-Key", "batch-1"))).Body["results"]!.AsArray();
            (results[0]!["version"]!.GetValue<int>(), results[1]!["error"]!["code"]!.GetValue<string>(), results[2]!["version"]!.GetValue<int>()).ShouldBe((3, "entity.not_found", 3));
        }

        (await GoldAsync(second, alice), await GoldAsync(first, bob)).ShouldBe((4, 18));
    }

    private static string Trade(string from, string to, int gold) => $$"""{"mutations":[{{Part(from, -gold)}},{{Part(to, gold)}}]}""";

    private static string Part(string id, int gold) => $$"""{"id":"{{id}}","operations":[{"op":"increment","path":"gold","by":{{gold}},"min":0}]}""";

    private async Task<int> GoldAsync(Uri node, string id) =>
        (await Answer.AskAsync(_http, HttpMethod.Get, new Uri(node, $"/api/v1/profiles/{id}?path=gold"), token: TestCluster.Secret)).ShouldBe(200).Body["value"]!.GetValue<int>();

    private Task<Answer> SendAsync(HttpMethod method, Uri node, string path, string body, (string Name, string Value) header) =>
        Answer.AskAsync(_http, method, new Uri(node, $"/api/v1/{path}"), JsonNode.Parse(body), TestCluster.Secret, header);
}
