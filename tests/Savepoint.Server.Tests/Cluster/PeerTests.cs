using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Savepoint.Server.NodeAuthentication;
using Savepoint.Server.Peers;

namespace Savepoint.Server.Tests.Cluster;

public sealed class PeerTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_link_up_and_know_each_other()
    {
        await using var first = await TestNode.StartAsync("first");
        await using var second = await TestNode.StartAsync("second");
        await using var link = await Connector(first).ConnectAsync(second.Node, Cancelled);
        var frame = new byte[1 << 20];
        Random.Shared.NextBytes(frame);
        await link.SendAsync(frame, Cancelled);
        (await link.ReceiveAsync(Cancelled))!.Value.ToArray().ShouldBe(frame);
        second.Peers.Single().Node.ShouldBe(first.Node.Id);
        await link.CloseAsync("done", Cancelled);
    }

    [Fact]
    public async Task A_process_that_has_taken_over_an_address_is_not_linked_to()
    {
        await using var first = await TestNode.StartAsync("first");
        await using var second = await TestNode.StartAsync("second");
        await Should.ThrowAsync<IOException>(async () => await Connector(first).ConnectAsync(second.Node with { Id = Guid.NewGuid() }, Cancelled));
        second.Peers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_node_of_another_cluster_is_not_linked_to()
    {
        await using var first = await TestNode.StartAsync("first");
        await using var stranger = await TestNode.StartAsync("stranger", key: new byte[ClusterKeys.Bytes]);
        await Should.ThrowAsync<IOException>(async () => await Connector(first).ConnectAsync(stranger.Node, Cancelled));
        stranger.Peers.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_accepts_everybody_proves_nothing()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        await using var impostor = builder.Build();
        impostor.UseWebSockets();
        impostor.Map(PeerEndpoint.Path, async (HttpContext context) =>
        {
            // The most that it can do is to send back what it was sent.
            context.Response.Headers[NodeHeaders.Proof] = context.Request.Headers[NodeHeaders.Call].ToString().Split('.')[^1];
            using var socket = await context.WebSockets.AcceptWebSocketAsync(PeerEndpoint.SubProtocol);
            await socket.ReceiveAsync(new byte[100], CancellationToken.None);
        });
        await impostor.StartAsync(Cancelled);
        await using var first = await TestNode.StartAsync("first");
        var failure = await Should.ThrowAsync<IOException>(async () => await Connector(first).ConnectAsync(first.Node with { Id = Guid.NewGuid(), Address = new Uri(impostor.Urls.Single()) }, Cancelled));
        failure.Message.ShouldContain("is not node");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1.11111111111111111111111111111111.22222222222222222222222222222222.1.1.AAAA")]
    public async Task Nobody_but_nodes_gets_a_link(string? header)
    {
        await using var node = await TestNode.StartAsync("first");
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(PeerEndpoint.SubProtocol);
        socket.Options.CollectHttpResponseDetails = true;
        if (header is not null)
            socket.Options.SetRequestHeader(NodeHeaders.Call, header);
        await Should.ThrowAsync<WebSocketException>(() => socket.ConnectAsync(new UriBuilder(node.Node.Address) { Scheme = "ws", Path = PeerEndpoint.Path }.Uri, Cancelled));
        socket.HttpStatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        node.Peers.ShouldBeEmpty();
        using var http = new HttpClient();
        foreach (var path in new[] { "/internal/node", PeerEndpoint.Path })
        {
            using var response = await http.GetAsync(new Uri(node.Node.Address, path), Cancelled);
            response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            (await response.Content.ReadAsStringAsync(Cancelled)).ShouldContain("\"code\":\"auth.unauthenticated\"");
        }
    }

    [Fact]
    public async Task A_link_is_used_once_per_header()
    {
        await using var first = await TestNode.StartAsync("first");
        await using var second = await TestNode.StartAsync("second");
        var (_, header) = first.Services.GetRequiredService<NodeAuthenticator>().Sign(second.Node.Id, "GET", PeerEndpoint.Path);
        foreach (var isFirst in new[] { true, false })
        {
            using var socket = new ClientWebSocket();
            socket.Options.AddSubProtocol(PeerEndpoint.SubProtocol);
            socket.Options.SetRequestHeader(NodeHeaders.Call, header);
            var connecting = socket.ConnectAsync(new UriBuilder(second.Node.Address) { Scheme = "ws", Path = PeerEndpoint.Path }.Uri, Cancelled);
            if (isFirst)
                await connecting;
            else
                await Should.ThrowAsync<WebSocketException>(() => connecting);
        }
    }

    [Fact]
    public async Task A_paused_node_and_one_that_is_gone_are_given_up()
    {
        await using var first = await TestNode.StartAsync("first");
        using var paused = new TcpListener(IPAddress.Loopback, 0);
        paused.Start();
        var node = first.Node with { Id = Guid.NewGuid(), Address = new Uri($"http://{paused.LocalEndpoint}") };
        (await Should.ThrowAsync<IOException>(async () => await Connector(first).ConnectAsync(node, Cancelled))).Message.ShouldContain("does not answer");
        paused.Stop();
        await Should.ThrowAsync<IOException>(async () => await Connector(first).ConnectAsync(node, Cancelled));
    }

    private static WebSocketPeerConnector Connector(TestNode node) => new(node.Services.GetRequiredService<NodeAuthenticator>(), TimeProvider.System);
}
