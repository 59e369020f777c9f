using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Savepoint.Cluster;
using Savepoint.Documents;
using Savepoint.Protocol.Duplex;
using Savepoint.Server.Forwarding;
using Savepoint.Server.NodeAuthentication;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Cluster;

/// <summary>Two nodes: alice belongs to the first, bob to the second.</summary>
public sealed class ForwardingTests : IAsyncLifetime
{
    private const string Alice = "alice", Bob = "bob";

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Socket _silent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private TestNode _first = null!;
    private TestNode _second = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private TestNode[] Both => [_first, _second];

    public async ValueTask InitializeAsync()
    {
        _first = await TestNode.StartAsync("first", args: "--dev");
        _second = await TestNode.StartAsync("second", args: "--dev");
        ShardHash.ShardOf(Alice, TestMaps.Shards).ShouldNotBe(ShardHash.ShardOf(Bob, TestMaps.Shards));
        TestNode.Assign(_first.Node, Both, Alice);
        TestNode.Assign(_second.Node, Both, Bob);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _silent.Dispose();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Theory]
    [InlineData("/test/who?route=bob", null)]
    [InlineData("/test/who", Bob)]
    [InlineData("/test/who/bob", null)]
    [InlineData("/test/who/bob", Alice)]
    public async Task A_request_is_answered_by_the_owner_wherever_it_comes(string path, string? header)
    {
        foreach (var node in Both)
            (await TextAsync(Get(node, path, header))).ShouldBe("second");
        _second.Served.ShouldBe(2);
        _first.Served.ShouldBe(0);
    }

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
            using var response = await _client.SendAsync(request, Cancelled);
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
            using var response = await _client.SendAsync(request, Cancelled);
            response.StatusCode.ShouldBe(status, node.Node.Name);
        }
    }

    [Fact]
    public async Task The_user_of_the_token_is_the_owner_where_nothing_else_says_more()
    {
        using var issued = await _client.PostAsJsonAsync(new Uri(_first.Node.Address, "/dev/tokens"), new { userId = Bob }, Cancelled);
        var token = (await issued.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["token"]!.GetValue<string>();
        var request = Get(_first, "/test/me");
        request.Headers.Authorization = new("Bearer", token);
        (await TextAsync(request)).ShouldBe("second");
        request = Get(_first, "/test/me");
        request.Headers.Authorization = new("Bearer", token + "x");
        (await TextAsync(request)).ShouldBe("first", "a token that is not genuine says nothing");
    }

    [Theory]
    [InlineData("/test/local?route=bob", "first")]
    [InlineData("/test/who", "first")]
    public async Task What_is_not_routed_or_says_nothing_stays_where_it_came(string path, string expected) => (await TextAsync(Get(_first, path))).ShouldBe(expected);

    [Fact]
    public async Task Development_tokens_are_never_forwarded_to_a_node_that_takes_the_other_for_a_local_client()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_first.Node.Address, "/dev/tokens?route=bob")) { Content = JsonContent.Create(new { userId = Alice }) };
        request.Headers.Host = "game.example";
        request.Headers.Add("Savepoint-Route", Bob);
        using var response = await _client.SendAsync(request, Cancelled);
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/test/who?route=")]
    [InlineData("/test/who?route=long")]
    public async Task A_hint_that_can_be_no_owner_is_refused(string path)
    {
        using var response = await _client.SendAsync(Get(_first, path.Replace("long", new string('x', 257), StringComparison.Ordinal)), Cancelled);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await CodeAsync(response)).ShouldBe("cluster.bad_route");
    }

    [Fact]
    public async Task A_path_arrives_as_it_was_sent()
    {
        const string path = "/test/path/a%2Fb%20c/%C3%A4%25?x=%2F&y=a+b&route=bob";
        var uri = new Uri(_first.Node.Address.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        (await TextAsync(new HttpRequestMessage(HttpMethod.Get, uri))).ShouldBe(path);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Large_bodies_and_trailers_go_both_ways(bool isHttp2)
    {
        var body = RandomNumberGenerator.GetBytes(1 << 20);
        using var response = await _client.SendAsync(Echo(new ByteArrayContent(body), isHttp2), Cancelled);
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
        using var response = await _client.SendAsync(Echo(content, isHttp2: true), HttpCompletionOption.ResponseHeadersRead, Cancelled);
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
        using var response = await _client.SendAsync(Echo(new ByteArrayContent([1]), isHttp2: true), Cancelled);
        (response.StatusCode, await CodeAsync(response)).ShouldBe((HttpStatusCode.BadGateway, "cluster.no_http2"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_is_served_by_the_owner(bool byQuery)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(WebSocketDuplex.SubProtocol);
        if (!byQuery)
            socket.Options.SetRequestHeader("Savepoint-Route", Bob);
        await socket.ConnectAsync(new UriBuilder(_first.Node.Address) { Scheme = "ws", Path = "/stream", Query = byQuery ? "route=bob" : "" }.Uri, Cancelled);
        await using var client = new TestClient(new WebSocketDuplex(socket, 16 << 20), Task.CompletedTask);
        (await client.HelloAsync(TestClient.AsGameServer())).Welcome.ShouldNotBeNull().Node.ShouldBe("second");
        await client.CommitAsync(Requests.Set(Bob, "gold", 3));
    }

    [Fact]
    public async Task A_node_that_stops_does_not_wait_for_the_streams_that_go_through_it()
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(WebSocketDuplex.SubProtocol);
        await socket.ConnectAsync(new UriBuilder(_first.Node.Address) { Scheme = "ws", Path = "/stream", Query = "route=bob" }.Uri, Cancelled);
        await using var client = new TestClient(new WebSocketDuplex(socket, 16 << 20), Task.CompletedTask);
        await client.HelloAsync(TestClient.AsGameServer());
        await _first.Services.GetRequiredService<RequestForwarder>().CutAsync();
        try
        {
            await client.UntilClosedAsync();
        }
        catch (IOException)
        {
            // Cut off, as it may be.
        }
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer wrong-wrong-wrong-wrong", HttpStatusCode.Unauthorized)]
    [InlineData("Basic " + TestClient.Secret, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer " + TestClient.Secret, HttpStatusCode.OK)]
    public async Task The_map_is_for_whoever_has_the_game_servers_secret(string? authorization, HttpStatusCode expected)
    {
        var request = Get(_first, "/api/v1/cluster/shards");
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await _client.SendAsync(request, Cancelled);
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
        var request = Get(_first, "/test/headers?route=bob");
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
    public async Task A_request_is_never_forwarded_twice()
    {
        // Each takes the other for the owner.
        _second.Maps.Assign(_first.Node, Bob);
        (await TextAsync(Get(_first, "/test/who?route=bob"))).ShouldBe("second");
        (_first.Served, _second.Served).ShouldBe((0, 1));
        _first.Maps.Doubts.ShouldBe([ShardHash.ShardOf(Bob, TestMaps.Shards)], "the first looks at its map again");
    }

    [Theory]
    [InlineData("1.x")]
    [InlineData("")]
    public async Task A_client_that_pretends_to_be_a_node_gets_nowhere(string header)
    {
        var request = Get(_first, "/test/local");
        request.Headers.TryAddWithoutValidation(NodeHeaders.Call, header);
        using var response = await _client.SendAsync(request, Cancelled);
        (response.StatusCode, await CodeAsync(response)).ShouldBe((HttpStatusCode.Unauthorized, "cluster.node_not_genuine"));
    }

    [Fact]
    public async Task Another_process_at_the_address_of_the_owner_is_noticed_and_the_request_waits_for_the_map()
    {
        var gone = _second.Node with { Id = Guid.NewGuid() };
        _first.Maps.Assign(gone, Bob);
        _first.Maps.Doubted = _ => _first.Maps.Assign(_second.Node, Bob);
        var body = RandomNumberGenerator.GetBytes(1 << 20);
        using var response = await _client.SendAsync(Echo(new ByteArrayContent(body), isHttp2: false), Cancelled);
        (await response.Content.ReadAsByteArrayAsync(Cancelled)).ShouldBe(body, "the body went only where it was taken");
        _first.Maps.Doubts.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_owner_that_can_not_be_reached_is_looked_for_again(bool isHttp2)
    {
        _first.Maps.Assign(new ClusterNode(Guid.NewGuid(), "gone", NobodyThere(), 1), Bob);
        _first.Maps.Doubted = _ => _first.Maps.Assign(_second.Node, Bob);
        var body = RandomNumberGenerator.GetBytes(100_000);
        using var response = await _client.SendAsync(Echo(new ByteArrayContent(body), isHttp2), Cancelled);
        (await response.Content.ReadAsByteArrayAsync(Cancelled)).ShouldBe(body);
    }

    [Fact]
    public async Task A_request_that_belongs_here_by_now_is_served_here()
    {
        _first.Maps.Assign(new ClusterNode(Guid.NewGuid(), "gone", NobodyThere(), 1), Bob);
        _first.Maps.Doubted = _ => _first.Maps.Assign(_first.Node, Bob);
        var body = RandomNumberGenerator.GetBytes(100_000);
        using var response = await _client.SendAsync(Echo(new ByteArrayContent(body), isHttp2: false), Cancelled);
        (await response.Content.ReadAsByteArrayAsync(Cancelled)).ShouldBe(body);
    }

    [Theory]
    [InlineData(true, "cluster.no_owner")]
    [InlineData(false, "cluster.owner_unreachable")]
    public async Task Without_an_owner_in_time_a_request_is_refused_and_may_be_repeated(bool isFree, string code)
    {
        await using var impatient = await TestNode.StartAsync("impatient", args: "--Savepoint:Cluster:ForwardTimeout=00:00:00.3");
        impatient.Maps.Assign(isFree ? null : new ClusterNode(Guid.NewGuid(), "gone", NobodyThere(), 1), Bob);
        using var response = await _client.PostAsync(new Uri(impatient.Node.Address, "/test/echo?route=bob"), new ByteArrayContent([1]), Cancelled);
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await CodeAsync(response)).ShouldBe(code);
    }

    [Theory]
    [InlineData("POST", 1000)]
    [InlineData("POST", 0)]
    [InlineData("POST", null)]
    [InlineData("PUT", 1000)]
    [InlineData("DELETE", null)]
    public async Task A_request_that_may_have_taken_effect_is_not_repeated(string method, int? bytes)
    {
        // A connection that was used before: what comes to nothing on one of those, clients like to send again.
        (await TextAsync(Get(_first, "/test/who?route=bob"))).ShouldBe("second");
        _first.Maps.Doubted = _ => _first.Maps.Assign(_first.Node, Bob);
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_first.Node.Address, "/test/break?route=bob"));
        if (bytes is { } count)
            request.Content = new ByteArrayContent(new byte[count]);
        using var response = await _client.SendAsync(request, Cancelled);
        (response.StatusCode, await CodeAsync(response)).ShouldBe((HttpStatusCode.BadGateway, "outcome.unknown"));
        (_first.Served, _second.Served).ShouldBe((0, 2));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task A_request_whose_owner_dies_over_it_is_not_repeated(string method)
    {
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        _first.Maps.Assign(_second.Node with { Address = new Uri($"http://{relay.LocalEndpoint}") }, Bob);
        _first.Maps.Doubted = _ => _first.Maps.Assign(_first.Node, Bob);
        var dying = RelayUntilItBreaksAsync(relay, _second.Node.Address);
        (await TextAsync(Get(_first, "/test/who?route=bob"))).ShouldBe("second");
        using var response = await _client.SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(_first.Node.Address, "/test/break?route=bob")), Cancelled);
        await dying;
        (response.StatusCode, await CodeAsync(response)).ShouldBe((HttpStatusCode.BadGateway, "outcome.unknown"));
        (_first.Served, _second.Served).ShouldBe((0, 2));
    }

    [Fact]
    public async Task A_reading_that_broke_off_is_repeated()
    {
        _first.Maps.Doubted = _ => _first.Maps.Assign(_first.Node, Bob);
        using var response = await _client.SendAsync(Get(_first, "/test/break?route=bob"), Cancelled);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (_first.Served, _second.Served).ShouldBe((1, 1));
    }

    [Fact]
    public async Task What_answers_without_a_proof_is_no_owner()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        await using var impostor = builder.Build();
        impostor.MapFallback((HttpContext context) =>
        {
            context.Response.Headers[NodeHeaders.Proof] = context.Request.Headers[NodeHeaders.Call].ToString().Split('.')[^1];
            return "impostor";
        });
        await impostor.StartAsync(Cancelled);
        _first.Maps.Assign(new ClusterNode(Guid.NewGuid(), "impostor", new Uri(impostor.Urls.Single()), 1), Bob);
        _first.Maps.Doubted = _ => _first.Maps.Assign(_second.Node, Bob);
        (await TextAsync(Get(_first, "/test/who?route=bob"))).ShouldBe("second");
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_its_request_at_the_owner()
    {
        using var leave = new CancellationTokenSource();
        var asking = _client.SendAsync(Get(_first, "/test/wait?route=bob"), leave.Token);
        await _second.Waiting.Came.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => asking);
        await _second.Waiting.Gone.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
    }

    [Fact]
    public async Task A_paused_owner_holds_nobody_up_once_its_shards_have_another()
    {
        using var paused = new TcpListener(IPAddress.Loopback, 0);
        paused.Start();
        _first.Maps.Assign(new ClusterNode(Guid.NewGuid(), "paused", new Uri($"http://{paused.LocalEndpoint}"), 1), Bob);
        var asking = TextAsync(Get(_first, "/test/who?route=bob"));
        using var connection = await paused.AcceptTcpClientAsync(Cancelled);
        (await connection.GetStream().ReadAsync(new byte[1], Cancelled)).ShouldBe(1, "the request has arrived, and nobody answers");
        _first.Maps.Assign(_second.Node, Bob);
        (await asking.WaitAsync(TimeSpan.FromSeconds(20), Cancelled)).ShouldBe("second");
    }

    [Fact]
    public async Task A_node_that_stops_takes_no_more_requests_from_others()
    {
        var (_, header) = _first.Services.GetRequiredService<NodeAuthenticator>().Sign(_second.Node.Id, "GET", "/test/who?route=bob");
        _second.StopServing();
        var request = Get(_second, "/test/who?route=bob");
        request.Headers.TryAddWithoutValidation(NodeHeaders.Call, header);
        using var response = await _client.SendAsync(request, Cancelled);
        (response.StatusCode, await CodeAsync(response)).ShouldBe((HttpStatusCode.MisdirectedRequest, "cluster.not_ready"));
    }

    /// <summary>Passes one connection on; when it breaks at the other end, nobody is at the address any more.</summary>
    private static async Task RelayUntilItBreaksAsync(TcpListener relay, Uri to)
    {
        using var near = await relay.AcceptTcpClientAsync(Cancelled);
        using var far = new TcpClient();
        await far.ConnectAsync(to.Host, to.Port, Cancelled);
        _ = near.GetStream().CopyToAsync(far.GetStream(), Cancelled);
        try
        {
            await far.GetStream().CopyToAsync(near.GetStream(), Cancelled);
        }
        catch (IOException)
        {
            // It broke.
        }

        relay.Stop();
    }

    private static HttpRequestMessage Get(TestNode node, string path, string? header = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Node.Address, path));
        if (header is not null)
            request.Headers.Add("Savepoint-Route", header);
        return request;
    }

    /// <summary>To the first node, about bob.</summary>
    private HttpRequestMessage Echo(HttpContent content, bool isHttp2) => new(HttpMethod.Post, new Uri(isHttp2 ? _first.Http2Address : _first.Node.Address, "/test/echo?route=bob"))
    {
        Content = content,
        Version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private async Task<string> TextAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await _client.SendAsync(request, Cancelled);
            var text = await response.Content.ReadAsStringAsync(Cancelled);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
            return text;
        }
    }

    private static async Task<string> CodeAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["code"]!.GetValue<string>();

    /// <summary>An address that is kept from everybody else, and where nobody listens.</summary>
    private Uri NobodyThere()
    {
        _silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new Uri($"http://{_silent.LocalEndPoint}");
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
