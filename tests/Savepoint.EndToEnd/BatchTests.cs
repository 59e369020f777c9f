using System.Net.WebSockets;
using Google.Protobuf;
using Savepoint.Documents;
using Savepoint.Protocol.Messages;

namespace Savepoint.EndToEnd;

/// <summary>Batches by a client that knows the protocol's description only, over a WebSocket of its own.</summary>
public class BatchTests
{
    private const int Rounds = 10;
    private const int Profiles = 30;
    private const int Parts = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Each_part_of_a_batch_counts_once_however_often_the_server_is_killed_over_it()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var server = await TestServer.StartAsync();
        var writer = ByteString.Empty;
        for (var round = 1; round <= Rounds; round++)
        {
            var batch = new ClientMessage { Request = (ulong)round, Batch = Increments(round) };
            var (first, welcome) = await ConnectAsync(server, writer);
            writer = welcome.Writer;
            await SendAsync(first, batch);

            // Not a wait for something to happen, but the random moment of the kill: before, between or after the commits of the parts.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(12)), TestContext.Current.CancellationToken);
            await server.Process.KillAsync();
            await server.Process.StartAgainAsync(TestContext.Current.CancellationToken);
            first.Dispose();

            using var second = (await ConnectAsync(server, writer)).Socket;
            await SendAsync(second, batch);
            var result = (await NextAsync(second, message => message.Request == batch.Request)).BatchResult.ShouldNotBeNull();
            result.Parts.Count.ShouldBe(Parts);
            result.Parts.Count(part => part.Error is null).ShouldBe(Parts - 1);
            result.Parts[7].Error.Code.ShouldBe("document.too_large");
        }

        await using var reader = await server.ConnectAsync("reader");
        for (var i = 0; i < Profiles; i++)
        {
            var count = Rounds * Enumerable.Range(0, Parts).Count(part => part != 7 && part % Profiles == i);
            var view = (await reader.Store("profile").ViewAsync($"p{i}", cancellationToken: TestContext.Current.CancellationToken)).ShouldNotBeNull();
            (view["count"].AsInt64(), view.Version).ShouldBe((count, count));
        }
    }

    private static Batch Increments(int round)
    {
        var batch = new Batch { Reason = $"round:{round}" };
        for (var i = 0; i < Parts; i++)
        {
            var delta = new DeltaWriter();
            if (i == 7)
                delta.Set("story", new string('a', (1 << 20) + 1));
            else
                delta.Increment("count", 1L);
            batch.Parts.Add(new Mutation { Kind = "profile", Id = $"p{i % Profiles}", Delta = ByteString.CopyFrom(delta.WrittenSpan) });
        }

        return batch;
    }

    private static async Task<(ClientWebSocket Socket, Welcome Welcome)> ConnectAsync(TestServer server, ByteString writer)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("savepoint.v1");
        socket.Options.Proxy = null;
        await socket.ConnectAsync(server.Process.StreamEndpoint, TestContext.Current.CancellationToken);
        await SendAsync(socket, new ClientMessage
        {
            Hello = new Hello { GameServer = new GameServerCredentials { Name = "foreign", Secret = server.Process.GameServerSecret }, Writer = writer },
        });
        return (socket, (await NextAsync(socket, _ => true)).Welcome.ShouldNotBeNull());
    }

    private static async Task SendAsync(ClientWebSocket socket, ClientMessage message)
    {
        var frame = new ClientFrame { ReceivedThrough = Math.Max(1, message.Request) - 1 };
        frame.Messages.Add(message);
        await socket.SendAsync(frame.ToByteArray(), WebSocketMessageType.Binary, endOfMessage: true, TestContext.Current.CancellationToken);
    }

    private static async Task<ServerMessage> NextAsync(ClientWebSocket socket, Predicate<ServerMessage> wanted)
    {
        var buffer = new byte[1 << 20];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult received;
            do
            {
                received = await socket.ReceiveAsync(buffer.AsMemory(length), TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
                length += received.Count;
            }
            while (!received.EndOfMessage);
            if (ServerFrame.Parser.ParseFrom(buffer, 0, length).Messages.FirstOrDefault(message => wanted(message)) is { } found)
                return found;
        }
    }
}
