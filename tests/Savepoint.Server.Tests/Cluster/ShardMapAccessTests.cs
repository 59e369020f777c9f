using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Savepoint.Documents;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Cluster;

/// <summary>Who may read the map.</summary>
public sealed class ShardMapAccessTests : TwoNodes
{
    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer wrong-wrong-wrong-wrong", HttpStatusCode.Unauthorized)]
    [InlineData("Basic " + TestClient.Secret, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer " + TestClient.Secret, HttpStatusCode.OK)]
    public async Task The_map_is_for_whoever_has_the_game_servers_secret(string? authorization, HttpStatusCode expected)
    {
        var request = Get(First, "/api/v1/cluster/shards");
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await Client.SendAsync(request, Cancelled);
        response.StatusCode.ShouldBe(expected);
        var body = (await response.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!;
        if (expected != HttpStatusCode.OK)
        {
            body["code"]!.GetValue<string>().ShouldBe("auth.unauthenticated");
            return;
        }

        var owner = body["shards"]!.AsArray()[ShardHash.ShardOf(Bob, TestMaps.Shards)]!;
        (owner["owner"]!.GetValue<string>(), owner["term"]!.GetValue<long>()).ShouldBe(("second", 1));
    }
}
