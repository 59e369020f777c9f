using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Documents;
using Savepoint.Server.NodeAuthentication;

namespace Savepoint.Server.Tests.Cluster;

/// <summary>Who answers a request: its owner, wherever it comes, and nobody whom it is not for.</summary>
public sealed class ForwardingTests : TwoNodes
{
    [Theory]
    [InlineData("/test/who?route=bob", null)]
    [InlineData("/test/who", Bob)]
    [InlineData("/test/who/bob", null)]
    [InlineData("/test/who/bob", Alice)]
    public async Task A_request_is_answered_by_the_owner_wherever_it_comes(string path, string? header)
    {
        foreach (var node in Both)
            (await TextAsync(Get(node, path, header))).ShouldBe("second");
        Second.Served.ShouldBe(2);
        First.Served.ShouldBe(0);
    }

    [Fact]
    public async Task The_user_of_the_token_is_the_owner_where_nothing_else_says_more()
    {
        using var issued = await Client.PostAsJsonAsync(new Uri(First.Node.Address, "/dev/tokens"), new { userId = Bob }, Cancelled);
        var token = (await issued.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["token"]!.GetValue<string>();
        var request = Get(First, "/test/me");
        request.Headers.Authorization = new("Bearer", token);
        (await TextAsync(request)).ShouldBe("second");
        request = Get(First, "/test/me");
        request.Headers.Authorization = new("Bearer", token + "x");
        (await TextAsync(request)).ShouldBe("first", "a token that is not genuine says nothing");
    }

    [Theory]
    [InlineData("/test/local?route=bob", "first")]
    [InlineData("/test/who", "first")]
    public async Task What_is_not_routed_or_says_nothing_stays_where_it_came(string path, string expected) => (await TextAsync(Get(First, path))).ShouldBe(expected);

    [Fact]
    public async Task Development_tokens_are_never_forwarded_to_a_node_that_takes_the_other_for_a_local_client()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(First.Node.Address, "/dev/tokens?route=bob")) { Content = JsonContent.Create(new { userId = Alice }) };
        request.Headers.Host = "game.example";
        request.Headers.Add("Savepoint-Route", Bob);
        using var response = await Client.SendAsync(request, Cancelled);
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/test/who?route=")]
    [InlineData("/test/who?route=long")]
    public async Task A_hint_that_can_be_no_owner_is_refused(string path)
    {
        using var response = await Client.SendAsync(Get(First, path.Replace("long", new string('x', 257), StringComparison.Ordinal)), Cancelled);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await CodeAsync(response)).ShouldBe("cluster.bad_route");
    }

    [Fact]
    public async Task A_request_is_never_forwarded_twice()
    {
        // Each takes the other for the owner.
        Second.Maps.Assign(First.Node, Bob);
        (await TextAsync(Get(First, "/test/who?route=bob"))).ShouldBe("second");
        (First.Served, Second.Served).ShouldBe((0, 1));
        First.Maps.Doubts.ShouldBe([ShardHash.ShardOf(Bob, TestMaps.Shards)], "the first looks at its map again");
    }

    [Theory]
    [InlineData("1.x")]
    [InlineData("")]
    public async Task A_client_that_pretends_to_be_a_node_gets_nowhere(string header)
    {
        var request = Get(First, "/test/local");
        request.Headers.TryAddWithoutValidation(NodeHeaders.Call, header);
        using var response = await Client.SendAsync(request, Cancelled);
        (response.StatusCode, await CodeAsync(response)).ShouldBe((HttpStatusCode.Unauthorized, "cluster.node_not_genuine"));
    }

    [Fact]
    public async Task A_node_that_stops_takes_no_more_requests_from_others()
    {
        var (_, header) = First.Services.GetRequiredService<NodeAuthenticator>().Sign(Second.Node.Id, "GET", "/test/who?route=bob");
        Second.StopServing();
        var request = Get(Second, "/test/who?route=bob");
        request.Headers.TryAddWithoutValidation(NodeHeaders.Call, header);
        using var response = await Client.SendAsync(request, Cancelled);
        (response.StatusCode, await CodeAsync(response)).ShouldBe((HttpStatusCode.MisdirectedRequest, "cluster.not_ready"));
    }
}
