using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Savepoint.Documents;

namespace Savepoint.Server.Tests.Cluster;

/// <summary>Two nodes: alice belongs to the first, bob to the second.</summary>
public abstract class TwoNodes : IAsyncLifetime
{
    private protected const string Alice = "alice", Bob = "bob";

    private readonly Socket _silent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private protected HttpClient Client { get; } = new(new SocketsHttpHandler { UseProxy = false });

    private protected TestNode First { get; private set; } = null!;

    private protected TestNode Second { get; private set; } = null!;

    private protected TestNode[] Both => [First, Second];

    public async ValueTask InitializeAsync()
    {
        First = await TestNode.StartAsync("first", args: "--dev");
        Second = await TestNode.StartAsync("second", args: "--dev");
        ShardHash.ShardOf(Alice, TestMaps.Shards).ShouldNotBe(ShardHash.ShardOf(Bob, TestMaps.Shards));
        TestNode.Assign(First.Node, Both, Alice);
        TestNode.Assign(Second.Node, Both, Bob);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _silent.Dispose();
        await First.DisposeAsync();
        await Second.DisposeAsync();
    }

    private protected static HttpRequestMessage Get(TestNode node, string path, string? header = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Node.Address, path));
        if (header is not null)
            request.Headers.Add("Savepoint-Route", header);
        return request;
    }

    /// <summary>To the first node, about bob.</summary>
    private protected HttpRequestMessage Echo(HttpContent content, bool isHttp2) => new(HttpMethod.Post, new Uri(isHttp2 ? First.Http2Address : First.Node.Address, "/test/echo?route=bob"))
    {
        Content = content,
        Version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private protected async Task<string> TextAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await Client.SendAsync(request, Cancelled);
            var text = await response.Content.ReadAsStringAsync(Cancelled);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
            return text;
        }
    }

    private protected static async Task<string> CodeAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["code"]!.GetValue<string>();

    /// <summary>An address that is kept from everybody else, and where nobody listens.</summary>
    private protected Uri NobodyThere()
    {
        _silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new Uri($"http://{_silent.LocalEndPoint}");
    }
}
