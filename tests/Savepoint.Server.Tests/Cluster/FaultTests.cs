using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Savepoint.Server.Tests.Cluster;

public sealed class FaultTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/test/throw", "Production")]
    [InlineData("/test/throw", "Development")]
    [InlineData("/test/throw?route=bob", "Development")]
    public async Task What_an_endpoint_throws_is_told_to_nobody(string path, string environment)
    {
        await using var first = await TestNode.StartAsync("first", args: $"--environment={environment}");
        await using var second = await TestNode.StartAsync("second", args: $"--environment={environment}");
        TestNode.Assign(second.Node, [first, second], "bob");
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(first.Node.Address, path), Cancelled);
        response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await response.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!.ToJsonString().ShouldBe(
            """{"type":"urn:savepoint:server.internal","status":500,"code":"server.internal","detail":"The server has a fault."}""");
        response.Headers.Select(header => header.Key).ShouldNotContain("Server");
    }
}
