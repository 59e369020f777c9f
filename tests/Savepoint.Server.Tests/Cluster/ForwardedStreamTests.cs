using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Protocol.Duplex;
using Savepoint.Server.Forwarding;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Cluster;

/// <summary>WebSockets to an owner, through another node.</summary>
public sealed class ForwardedStreamTests : TwoNodes
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_is_served_by_the_owner(bool byQuery)
    {
        using var socket = new ClientWebSocket();
        await ConnectAsync(socket, byQuery);
        await using var client = new TestClient(new WebSocketDuplex(socket, 16 << 20), Task.CompletedTask);
        (await client.HelloAsync(TestClient.AsGameServer())).Welcome.ShouldNotBeNull().Node.ShouldBe("second");
        await client.CommitAsync(Requests.Set(Bob, "gold", 3));
    }

    [Fact]
    public async Task A_node_that_stops_does_not_wait_for_the_streams_that_go_through_it()
    {
        using var socket = new ClientWebSocket();
        await ConnectAsync(socket, byQuery: true);
        await using var client = new TestClient(new WebSocketDuplex(socket, 16 << 20), Task.CompletedTask);
        await client.HelloAsync(TestClient.AsGameServer());
        await First.Services.GetRequiredService<RequestForwarder>().CutAsync();
        try
        {
            await client.UntilClosedAsync();
        }
        catch (IOException)
        {
            // Cut off, as it may be.
        }
    }

    /// <summary>To the first node, about bob.</summary>
    private Task ConnectAsync(ClientWebSocket socket, bool byQuery)
    {
        socket.Options.AddSubProtocol(WebSocketDuplex.SubProtocol);
        if (!byQuery)
            socket.Options.SetRequestHeader("Savepoint-Route", Bob);
        return socket.ConnectAsync(new UriBuilder(First.Node.Address) { Scheme = "ws", Path = "/stream", Query = byQuery ? "route=bob" : "" }.Uri, Cancelled);
    }
}
