using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Savepoint.Server.Tests.Cluster;

/// <summary>Whom a request is said to come from, at the node that it comes to and at the one that serves it.</summary>
public sealed class TrustedProxiesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "203.0.113.7", "127.0.0.1")]
    [InlineData("10.0.0.0/8", "203.0.113.7", "127.0.0.1")]
    [InlineData("127.0.0.1", "203.0.113.7", "203.0.113.7")]
    [InlineData("127.0.0.0/8", "6.6.6.6, 203.0.113.7, 127.0.0.9", "203.0.113.7")]
    [InlineData("127.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7")]
    [InlineData("127.0.0.1", "2001:db8::7", "2001:db8::7")]
    [InlineData("127.0.0.1", "nonsense", "127.0.0.1")]
    [InlineData("127.0.0.1", null, "127.0.0.1")]
    public async Task Only_a_trusted_proxy_says_whom_it_asks_for(string? trusted, string? forwardedFor, string expected)
    {
        string[] args = trusted is null ? [] : [$"--Savepoint:TrustedProxies:0={trusted}"];
        await using var first = await TestNode.StartAsync("first", args: args);
        await using var second = await TestNode.StartAsync("second", args: args);
        TestNode.Assign(second.Node, [first, second], "bob");
        using var http = new HttpClient();
        foreach (var path in new[] { "/test/headers", "/test/headers?route=bob" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(first.Node.Address, path));
            if (forwardedFor is not null)
                request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwardedFor);

            // Nobody who has not the cluster's key can say for whom a node asks.
            request.Headers.TryAddWithoutValidation("Savepoint-Node-Client", "6.6.6.6");
            using var response = await http.SendAsync(request, Cancelled);
            (await response.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["address"]!.GetValue<string>().ShouldBe(expected, path);
        }
    }
}
