using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Savepoint.Server.Tests.Cluster;

/// <summary>What a request and its answer are like after the way through another node: as without it.</summary>
public sealed class ForwardedContentTests : TwoNodes
{
    [Theory]
    [InlineData(62, HttpStatusCode.OK)]
    [InlineData(64, HttpStatusCode.RequestHeaderFieldsTooLarge)]
    public async Task The_owner_takes_as_many_headers_as_the_node_where_a_request_comes(int besidesHost, HttpStatusCode status)
    {
        foreach (var node in Both)
        {
            using var request = Get(node, "/test/who", Bob);
            for (var i = 1; i < besidesHost; i++)
                request.Headers.Add($"X-Test-{i}", "1");
            using var response = await Client.SendAsync(request, Cancelled);
            response.StatusCode.ShouldBe(status, node.Node.Name);
        }
    }

    [Theory]
    [InlineData(16_300, HttpStatusCode.OK)]
    [InlineData(16_400, HttpStatusCode.RequestHeaderFieldsTooLarge)]
    public async Task The_owner_takes_as_large_headers_as_the_node_where_a_request_comes(int halfOfThem, HttpStatusCode status)
    {
        // 32 KiB are the limit, and nodes add some hundred bytes to it.
        foreach (var node in Both)
        {
            using var request = Get(node, "/test/who", Bob);
            request.Headers.Add("X-Test-1", new string('x', halfOfThem));
            request.Headers.Add("X-Test-2", new string('x', halfOfThem));
            using var response = await Client.SendAsync(request, Cancelled);
            response.StatusCode.ShouldBe(status, node.Node.Name);
        }
    }

    [Fact]
    public async Task The_owner_sees_the_client_and_not_the_node_between()
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, token) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0));
                await socket.ConnectAsync(context.DnsEndPoint, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        var request = Get(First, "/test/headers?route=bob");
        request.Headers.Host = "game.example";
        request.Headers.Add("X-Forwarded-For", "192.0.2.1");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        using var response = await client.SendAsync(request, Cancelled);
        var seen = (await response.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!;
        seen["address"]!.GetValue<string>().ShouldBe("127.0.0.9", "the client's own claim counts for nothing");
        seen["host"]!.GetValue<string>().ShouldBe("game.example");
        seen["forwardedFor"]!.GetValue<string>().ShouldBe("192.0.2.1, 127.0.0.9");
        seen["forwardedHost"]!.GetValue<string>().ShouldBe("game.example");
        seen["forwardedProto"]!.GetValue<string>().ShouldBe("http");
    }

    [Fact]
    public async Task A_path_arrives_as_it_was_sent()
    {
        const string path = "/test/path/a%2Fb%20c/%C3%A4%25?x=%2F&y=a+b&route=bob";
        var uri = new Uri(First.Node.Address.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        (await TextAsync(new HttpRequestMessage(HttpMethod.Get, uri))).ShouldBe(path);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Large_bodies_and_trailers_go_both_ways(bool isHttp2)
    {
        var body = RandomNumberGenerator.GetBytes(1 << 20);
        using var response = await Client.SendAsync(Echo(new ByteArrayContent(body), isHttp2), Cancelled);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsByteArrayAsync(Cancelled)).ShouldBe(body);
        if (isHttp2)
            response.TrailingHeaders.GetValues("test-hash").Single().ShouldBe(Convert.ToHexString(SHA256.HashData(body)));
        response.Headers.ShouldNotContain(header => header.Key.StartsWith("Savepoint", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_gRPC_request_streams_both_ways_at_once()
    {
        var content = new OpenContent { Headers = { ContentType = new("application/grpc") } };
        using var response = await Client.SendAsync(Echo(content, isHttp2: true), HttpCompletionOption.ResponseHeadersRead, Cancelled);
        response.Version.ShouldBe(HttpVersion.Version20);
        await using var answers = await response.Content.ReadAsStreamAsync(Cancelled);
        var questions = await content.Opened.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        for (var i = 0; i < 20; i++)
        {
            await questions.WriteAsync(new byte[] { (byte)i }, Cancelled);
            await questions.FlushAsync(Cancelled);
            var answer = new byte[1];
            (await answers.ReadAsync(answer, Cancelled)).ShouldBe(1);
            answer[0].ShouldBe((byte)i, "each comes back before the next is sent");
        }

        content.Close();
        (await answers.ReadAsync(new byte[1], Cancelled)).ShouldBe(0);
        response.TrailingHeaders.Contains("test-hash").ShouldBeTrue();
    }

    [Fact]
    public async Task An_HTTP2_request_to_a_node_that_takes_none_says_so()
    {
        await using var third = await TestNode.StartAsync("third", args: "--Savepoint:ListenHttp2=");
        TestNode.Assign(third.Node, Both, Bob);
        using var response = await Client.SendAsync(Echo(new ByteArrayContent([1]), isHttp2: true), Cancelled);
        (response.StatusCode, await CodeAsync(response)).ShouldBe((HttpStatusCode.BadGateway, "cluster.no_http2"));
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_its_request_at_the_owner()
    {
        using var leave = new CancellationTokenSource();
        var asking = Client.SendAsync(Get(First, "/test/wait?route=bob"), leave.Token);
        await Second.Waiting.Came.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => asking);
        await Second.Waiting.Gone.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
    }

    /// <summary>A body that is written while the answer is read.</summary>
    private sealed class OpenContent : HttpContent
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<Stream> Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Close() => _closed.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            Opened.SetResult(stream);
            await _closed.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
