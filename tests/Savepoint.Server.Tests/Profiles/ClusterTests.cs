using System.Net;
using Savepoint.Documents;
using Savepoint.Server.Tests.Cluster;

namespace Savepoint.Server.Tests.Profiles;

/// <summary>Two nodes, each with a store of its own: what alice is asked of either is answered by the first, what bob is by the second.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private TestNode _first = null!;
    private TestNode _second = null!;

    public async ValueTask InitializeAsync()
    {
        _first = await TestNode.StartAsync("first", args: ProfileApi.Keys);
        _second = await TestNode.StartAsync("second", args: ProfileApi.Keys);
        ShardHash.ShardOf("alice", TestMaps.Shards).ShouldNotBe(ShardHash.ShardOf("bob", TestMaps.Shards));
        TestNode.Assign(_first.Node, [_first, _second], "alice");
        TestNode.Assign(_second.Node, [_first, _second], "bob");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task Any_node_takes_any_request_and_the_owner_answers_it()
    {
        var (first, second) = (At(_first), At(_second));
        await second.CreateAsync("alice", """{"gold":1}""");
        await first.CreateAsync("bob", """{"gold":2}""");
        foreach (var api in new[] { first, second })
        {
            (await api.DocumentAsync("alice")).ShouldBe("""{"gold":1}""");
            (await api.DocumentAsync("bob")).ShouldBe("""{"gold":2}""");
        }

        // Each exists at its owner only, or this would find nothing to expect.
        (await second.PatchAsync("profiles/alice", """{"operations":[{"op":"increment","path":"gold","by":1}]}""", ("If-Match", "\"1\""))).ShouldBeOk().Version.ShouldBe(2);
        (await first.PatchAsync("profiles/alice", """{"operations":[{"op":"increment","path":"gold","by":1}]}""", ("If-Match", "\"1\""))).ShouldBeProblem(412, "version.mismatch");
        (await second.GetAsync("profiles/alice", ("If-None-Match", "\"2\""))).Status.ShouldBe(HttpStatusCode.NotModified);
        (await second.DeleteAsync("profiles/alice/session")).ShouldBeProblem(403, "auth.forbidden");
        (await second.GetAsync("profiles/alice/versions")).Body["versions"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_key_holds_whichever_node_gets_the_request()
    {
        var (first, second) = (At(_first), At(_second));
        await first.CreateAsync("alice", """{"gold":1}""");
        foreach (var api in new[] { first, second, first })
            (await api.PatchAsync("profiles/alice", """{"operations":[{"op":"increment","path":"gold","by":1}]}""", ("Idempotency-Key", "x"))).Version.ShouldBe(2);
    }

    [Fact]
    public async Task A_problem_of_the_owner_reaches_the_caller_as_it_is()
    {
        var second = At(_second);
        (await second.GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
        (await second.PatchAsync("profiles/alice", "{")).ShouldBeProblem(400, "document.invalid_json");
        (await second.PatchAsync("profiles/alice", "x", ("Content-Type", "text/plain"))).ShouldBeProblem(415, "request.unsupported_media_type");
        (await new ProfileApi(_client, null, _second.Node.Address).GetAsync("profiles/alice")).ShouldBeProblem(401, "auth.unauthenticated");
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_told_as_such_by_either_node()
    {
        await At(_first).CreateAsync("alice", "{}");
        var body = $$$"""{"operations":[{"op":"set","path":"x","value":"{{{new string('x', 5 << 20)}}}"}]}""";
        foreach (var node in new[] { _first, _second })
            (await At(node).PatchAsync("profiles/alice", body, ("Expect", "100-continue"))).ShouldBeProblem(413, "request.body_too_large");
    }

    private ProfileApi At(TestNode node) => new(_client, ProfileApi.ShopSecret, node.Node.Address);
}
