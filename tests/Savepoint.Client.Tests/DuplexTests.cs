using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Savepoint.Protocol.Duplex;

namespace Savepoint.Client.Tests;

public sealed class DuplexTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Frames_of_every_size_come_whole_and_in_order(bool webSocket)
    {
        var (client, server) = await ConnectAsync(webSocket);
        int[] sizes = [1, 0, 125, 126, 16 << 10, 65_536, 1 << 20, 3];
        var sending = Task.Run(async () =>
        {
            foreach (var size in sizes)
                await client.SendAsync(Frame(size), Cancellation);
        }, Cancellation);
        foreach (var size in sizes)
            (await server.ReceiveAsync(Cancellation)).ShouldNotBeNull().ToArray().ShouldBe(Frame(size));
        await sending.WaitAsync(Patience, Cancellation);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closing_ends_the_other_side_after_all_that_was_sent(bool webSocket)
    {
        var (client, server) = await ConnectAsync(webSocket);
        await client.SendAsync(Frame(10), Cancellation);
        await client.CloseAsync(new string('é', 200), Cancellation);
        (await server.ReceiveAsync(Cancellation)).ShouldNotBeNull();
        (await server.ReceiveAsync(Cancellation)).ShouldBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dropping_a_side_fails_what_it_waits_for(bool webSocket)
    {
        var (client, server) = await ConnectAsync(webSocket);
        var receiving = client.ReceiveAsync(Cancellation).AsTask();
        await client.DisposeAsync();
        await Should.ThrowAsync<System.IO.IOException>(receiving.WaitAsync(Patience, Cancellation));
        await server.DisposeAsync();
        await Should.ThrowAsync<System.IO.IOException>(async () => await client.SendAsync(Frame(1), Cancellation));
    }

    [Fact]
    public async Task A_frame_over_the_limit_is_refused_by_the_receiver()
    {
        var (client, server) = await ConnectAsync(webSocket: true, maxFrameBytes: 1000);
        await client.SendAsync(Frame(1000), Cancellation);
        (await server.ReceiveAsync(Cancellation)).ShouldNotBeNull().Length.ShouldBe(1000);
        await client.SendAsync(Frame(1001), Cancellation);
        (await Should.ThrowAsync<FrameTooLargeException>(async () => await server.ReceiveAsync(Cancellation))).MaxBytes.ShouldBe(1000);
    }

    [Fact]
    public async Task Who_sends_faster_than_the_other_receives_waits()
    {
        var (client, server) = InProcessDuplex.CreatePair();
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; sent < 100; sent++)
                await client.SendAsync(Frame(1), Cancellation);
        }, Cancellation);
        for (var received = 0; received < 100; received++)
        {
            sent.ShouldBeLessThanOrEqualTo(received + 16);
            await server.ReceiveAsync(Cancellation);
        }
        await sending.WaitAsync(Patience, Cancellation);
    }

    private static byte[] Frame(int size) => [.. Enumerable.Range(0, size).Select(i => (byte)(i * 7))];

    private static async Task<(IFrameDuplex Client, IFrameDuplex Server)> ConnectAsync(bool webSocket, int maxFrameBytes = 16 << 20)
    {
        if (!webSocket)
            return InProcessDuplex.CreatePair(maxFrameBytes);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var outgoing = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync(Cancellation).AsTask();
        await outgoing.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Cancellation);
        var incoming = await accepting;
        return (Duplex(outgoing, isServer: false), Duplex(incoming, isServer: true));

        WebSocketDuplex Duplex(TcpClient socket, bool isServer) =>
            new(WebSocket.CreateFromStream(socket.GetStream(), isServer, WebSocketDuplex.SubProtocol, TimeSpan.Zero), maxFrameBytes);
    }
}
