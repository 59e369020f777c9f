using System.Text;
using Google.Protobuf;
using Savepoint.Cluster.Peers;
using Savepoint.Cluster.Peers.Links;
using Savepoint.Cluster.Peers.Serving;
using Savepoint.Cluster.Peers.Wire;
using Savepoint.Cluster.Tests.Routing;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Tests.Peers;

public sealed class LinkTests
{
    private static readonly EntityKey Thing = RoutedCluster.KeyIn(1);

    [Fact]
    public void Nodes_call_each_other_and_themselves() => RoutedCluster.Run(async cluster =>
    {
        var first = await cluster.StartAsync("first");
        var second = await cluster.StartAsync("second");
        foreach (var node in new[] { first, second })
            node.Server.Answers!.Add(PeerCall.HandOver, (request, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(Bytes($"{node.Self.Name} got {Text(request)}")));
        (await CallAsync(first, second, PeerCall.HandOver, "x")).ShouldBe("second got x");
        (await CallAsync(second, first, PeerCall.HandOver, "y")).ShouldBe("first got y");
        (await CallAsync(first, first, PeerCall.HandOver, "z")).ShouldBe("first got z");
    });

    [Fact]
    public void A_call_that_nobody_answers_or_that_fails_fails() => RoutedCluster.Run(async cluster =>
    {
        var first = await cluster.StartAsync("first");
        var second = await cluster.StartAsync("second");
        second.Server.Answers!.Add(PeerCall.HandOver, (_, _) => throw new InvalidTimeZoneException("no time"));
        (await Assert.ThrowsAsync<IOException>(() => CallAsync(first, second, PeerCall.HandOver, "x"))).Message.ShouldContain("no time");
        (await Assert.ThrowsAsync<IOException>(() => CallAsync(first, second, (PeerCall)99, "x"))).Message.ShouldContain("Nobody answers");
        await Assert.ThrowsAsync<IOException>(() => CallAsync(first, first, (PeerCall)99, "x"));
    });

    [Fact]
    public void A_call_of_a_node_that_dies_or_is_none_fails() => RoutedCluster.Run(async cluster =>
    {
        var first = await cluster.StartAsync("first");
        var second = await cluster.StartAsync("second");
        second.Server.Answers!.Add(PeerCall.HandOver, async (_, ending) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, second.Process.Time, ending);
            return default;
        });
        var call = CallAsync(first, second, PeerCall.HandOver, "x");
        await cluster.Delay(100);
        second.Process.Crash();
        await Assert.ThrowsAsync<IOException>(() => call);
        await Assert.ThrowsAsync<IOException>(() => CallAsync(first, second, PeerCall.HandOver, "x"));
    });

    [Fact]
    public void A_call_can_be_given_up() => RoutedCluster.Run(async cluster =>
    {
        var first = await cluster.StartAsync("first");
        var second = await cluster.StartAsync("second");
        second.Server.Answers!.Add(PeerCall.HandOver, async (_, ending) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, second.Process.Time, ending);
            return default;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.DoAsync(async () =>
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), first.Process.Time);
            await first.Server.Links!.CallAsync(second.Self, PeerCall.HandOver, Bytes("x"), limit.Token);
        }));
        first.Server.Links!.Snapshot().Single().Unanswered.ShouldBe(0);
    });

    [Fact]
    public void A_call_does_not_wait_behind_much_else() => RoutedCluster.Run(async cluster =>
    {
        cluster.Options = new PeerOptions { MaxFrameBytes = 16 << 10 };
        cluster.Network.Weather = cluster.Network.Weather with { MaxBytesInFlight = 32 << 10 };
        var first = await cluster.StartAsync("first", 0, 1, 2, 3);
        var second = await cluster.StartAsync("second");
        first.Server.Answers!.Add(PeerCall.HandOver, (request, _) => ValueTask.FromResult(request));
        var start = cluster.Elapsed;
        var units = Enumerable.Range(0, 40).Select(i => second.Submit(TestUnit.Set(RoutedCluster.KeyIn(1, i), "text", new string('x', 200_000)))).ToList();
        await cluster.Delay(20);
        await CallAsync(second, first, PeerCall.HandOver, "x");
        units.Count(unit => unit.IsAnswered).ShouldBeLessThan(10);
        var called = cluster.Elapsed - start;
        foreach (var unit in units)
            (await unit.Answer).ShouldBeNull();
        (cluster.Elapsed - start).ShouldBeGreaterThan(called * 5);
    });

    [Fact]
    public void Hello_is_refused_when_it_is_meant_for_another() => RoutedCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
        var database = ByteString.CopyFrom(owner.Server.Engine.DatabaseId.ToByteArray(bigEndian: true));
        var node = ByteString.CopyFrom(owner.Self.Id.ToByteArray(bigEndian: true));
        var hello = new PeerHello { MinVersion = 1, MaxVersion = 1, Node = ByteString.CopyFrom(new byte[15]).Concat(7), ExpectedNode = node, Database = database };
        (await GreetAsync(cluster, owner, new PeerMessage { Hello = hello })).BodyCase.ShouldBe(PeerMessage.BodyOneofCase.Welcome);
        await RefusedAsync("another database", new PeerHello(hello) { Database = node });
        await RefusedAsync("another node", new PeerHello(hello) { ExpectedNode = database });
        await RefusedAsync("versions", new PeerHello(hello) { MinVersion = 2, MaxVersion = 3 });
        await RefusedAsync("versions", new PeerHello(hello) { MinVersion = 0, MaxVersion = 0 });

        // A newer node that still speaks this version is welcome, in this version.
        var welcome = await GreetAsync(cluster, owner, new PeerMessage { Hello = new PeerHello(hello) { MinVersion = 1, MaxVersion = 9 } });
        welcome.Welcome.Version.ShouldBe(1u);

        async Task RefusedAsync(string why, PeerHello other) =>
            (await GreetAsync(cluster, owner, new PeerMessage { Hello = other })).Refused.Reason.ShouldContain(why);
    });

    [Fact]
    public void What_a_node_does_not_know_it_refuses_and_goes_on() => RoutedCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
        var answers = new List<PeerMessage>();
        var client = cluster.World.NewProcess("client");
        client.Start(async () =>
        {
            var duplex = await cluster.Network.ConnectAsync(client, owner.Server.PeerListener!, CancellationToken.None);
            await PeerProtocol.SendAsync(duplex, Hello(owner), CancellationToken.None);
            await PeerProtocol.ReceiveAsync(duplex, CancellationToken.None);
            var unit = new PeerUnit { Actor = "x", Mutations = { new PeerMutation { Kind = Thing.Kind, Id = Thing.Id, Change = (PeerMutation.Types.Kind)77 } } };

            // A message of a newer version, whose type is not known; one with an unknown value; a good one behind them.
            byte[] unknown = [.. new PeerMessage { Id = 1 }.ToByteArray(), 0x82, 0x06, 0x00];
            var newer = PeerMessage.Parser.ParseFrom(unknown);
            await PeerProtocol.SendAsync(duplex, newer, CancellationToken.None);
            await PeerProtocol.SendAsync(duplex, new PeerMessage { Id = 2, Unit = unit }, CancellationToken.None);
            await PeerProtocol.SendAsync(duplex, new PeerMessage { Id = 3, Probe = new PeerProbe { Shard = 99 } }, CancellationToken.None);
            await PeerProtocol.SendAsync(duplex, new PeerMessage { Id = 4, Probe = new PeerProbe { Shard = 1 } }, CancellationToken.None);
            while (await duplex.ReceiveAsync(CancellationToken.None) is { } frame)
                answers.AddRange(PeerFrame.Parser.ParseFrom(frame.Span).Messages.Where(message => message.Id != 0));
        });
        await cluster.Until(() => answers.Count == 4, "all are answered");
        var byId = answers.ToDictionary(message => message.Id);
        foreach (var id in new ulong[] { 1, 2, 3 })
            ((RefusalCode)byId[id].Refusal.Code).ShouldBe(RefusalCode.InvalidRequest);
        byId[4].BodyCase.ShouldBe(PeerMessage.BodyOneofCase.Serving);
    });

    [Fact]
    public void Openings_that_arrive_once_the_link_is_broken_are_not_heard() => RoutedCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
        var host = new PeerHost(owner.Server.Engine, owner.Maps, owner.Server.Answers!, cluster.Options, owner.Process.Time);
        var (link, other) = (new ServedLink(host), Holder.By(1, 1, Thing));
        var opening = new PeerMessage { Id = 1, Opening = WireSessions.Of(other, TimeSpan.FromSeconds(1), 0) };
        link.Break("The node has connected again.");
        await owner.Read(Thing).Answer;
        await owner.DoAsync(() => link.RunAsync(new LateDuplex(new PeerFrame { Messages = { opening } }.ToByteArray())));
        await cluster.Delay(1_000);
        owner.Server.Engine.Snapshot().Sessions.ShouldBe(0);
    });

    [Fact]
    public void Rubbish_ends_the_link_and_nothing_else() => RoutedCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
        var random = cluster.World.NewRandom();
        for (var i = 0; i < 50; i++)
        {
            var rubbish = new byte[random.Next(200)];
            random.NextBytes(rubbish);
            var client = cluster.World.NewProcess($"client-{i}");
            client.Start(async () =>
            {
                var duplex = await cluster.Network.ConnectAsync(client, owner.Server.PeerListener!, CancellationToken.None);
                if (rubbish.Length % 2 == 0)
                    await PeerProtocol.SendAsync(duplex, Hello(owner), CancellationToken.None);
                await duplex.SendAsync(rubbish, CancellationToken.None);
            });
        }

        await cluster.Delay(10_000);
        owner.Server.PeerHost!.Connections.ShouldBe(0);
        (await owner.Submit(TestUnit.Add(Thing, "n", 1)).Answer).ShouldBeNull();
    });

    private static PeerMessage Hello(RoutedNode to) => new()
    {
        Hello = new PeerHello
        {
            MinVersion = 1,
            MaxVersion = 1,
            Node = ByteString.CopyFrom(new Guid(1, 2, 3, [1, 2, 3, 4, 5, 6, 7, 8]).ToByteArray(bigEndian: true)),
            ExpectedNode = ByteString.CopyFrom(to.Self.Id.ToByteArray(bigEndian: true)),
            Database = ByteString.CopyFrom(to.Server.Engine.DatabaseId.ToByteArray(bigEndian: true)),
        },
    };

    private static async Task<PeerMessage> GreetAsync(RoutedCluster cluster, RoutedNode to, PeerMessage hello)
    {
        var answered = new TaskCompletionSource<PeerMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        var client = cluster.World.NewProcess("client");
        client.Start(async () =>
        {
            var duplex = await cluster.Network.ConnectAsync(client, to.Server.PeerListener!, CancellationToken.None);
            await PeerProtocol.SendAsync(duplex, hello, CancellationToken.None);
            answered.SetResult(await PeerProtocol.ReceiveAsync(duplex, CancellationToken.None));
        });
        return await answered.Task;
    }

    private static async Task<string> CallAsync(RoutedNode from, RoutedNode to, PeerCall kind, string request)
    {
        var answer = "";
        await from.DoAsync(async () => answer = Text(await from.Server.Links!.CallAsync(to.Self, kind, Bytes(request), CancellationToken.None)));
        return answer;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    /// <summary>Still has a frame that it had received.</summary>
    private sealed class LateDuplex(byte[] frame) : IFrameDuplex
    {
        private byte[]? _frame = frame;

        public ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken) => default;

        public ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken)
        {
            if (_frame is not { } received)
                return ValueTask.FromResult<ReadOnlyMemory<byte>?>(null);
            _frame = null;
            return ValueTask.FromResult<ReadOnlyMemory<byte>?>(received);
        }

        public ValueTask CloseAsync(string reason, CancellationToken cancellationToken) => default;

        public ValueTask DisposeAsync() => default;
    }
}

file static class Bytes16
{
    public static ByteString Concat(this ByteString bytes, byte last) => ByteString.CopyFrom([.. bytes.Span, last]);
}
