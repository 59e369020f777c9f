using Google.Protobuf;
using Savepoint.Documents;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

public sealed class MaliciousInputTests
{
    /// <summary>Each wrong request by name, with the code that it has to get. Every one of them leaves the connection as it was.</summary>
    private static readonly Dictionary<string, (ClientMessage Message, string Code)> WrongRequests = new()
    {
        ["no type"] = (new ClientMessage(), ErrorCodes.UnknownMessage),
        ["a unit without a kind"] = (Requests.Unit(new Mutation { Id = "alice", Remove = true }), ErrorCodes.InvalidRequest),
        ["a unit without an id"] = (Requests.Unit(new Mutation { Kind = Requests.Kind, Remove = true }), ErrorCodes.InvalidRequest),
        ["a mutation without a change"] = (Requests.Unit(new Mutation { Kind = Requests.Kind, Id = "alice" }), ErrorCodes.InvalidRequest),
        ["a removal that is none"] = (Requests.Unit(new Mutation { Kind = Requests.Kind, Id = "alice", Remove = false }), ErrorCodes.InvalidRequest),
        ["an id that is too long"] = (Requests.Unit(Requests.Set(new string('x', 257), "n", 1)), ErrorCodes.InvalidRequest),
        ["an id of a megabyte"] = (Requests.Unit(Requests.Set(new string('x', 1 << 20), "n", 1)), ErrorCodes.InvalidRequest),
        ["an id with NUL"] = (Requests.Unit(Requests.Set("a\0b", "n", 1)), ErrorCodes.InvalidRequest),
        ["a kind that nobody knows"] = (Requests.Unit(new Mutation { Kind = "nonsense", Id = "alice", Remove = true }), ErrorCodes.UnknownKind),
        ["a kind of a megabyte"] = (Requests.Unit(new Mutation { Kind = new string('x', 1 << 20), Id = "alice", Remove = true }), ErrorCodes.InvalidRequest),
        ["an intent that nobody knows"] = (Requests.Unit(new Mutation { Kind = Requests.Kind, Id = "alice", Intent = new Intent { Name = "buy" } }), ErrorCodes.UnknownIntent),
        ["a version above all numbers"] = (Requests.Unit(Requests.Set("alice", "n", 1, m => m.ExpectedVersion = ulong.MaxValue)), ErrorCodes.InvalidRequest),
        ["a session above all numbers"] = (Requests.Unit(Requests.Set("alice", "n", 1, m => m.Session = ulong.MaxValue)), ErrorCodes.InvalidRequest),
        ["a session that nobody has"] = (Requests.Unit(Requests.Set("alice", "n", 1, m => m.Session = 77)), ErrorCodes.SessionLost),
        ["a version of the future"] = (Requests.Unit(Requests.Set("alice", "n", 1, m => m.ExpectedVersion = 77)), ErrorCodes.VersionMismatch),
        ["more processed messages than there can be"] = (Requests.Unit(Requests.Set("alice", "n", 1, m => m.ProcessedMessages.Add(Enumerable.Range(1, 1_001).Select(i => (ulong)i)))), ErrorCodes.InvalidRequest),
        ["a reason of a megabyte"] = (new ClientMessage { Unit = new Protocol.Messages.Unit { Reason = new string('x', 1 << 20), Mutations = { Requests.Set("alice", "n", 1) } } }, ErrorCodes.InvalidRequest),
        ["the same entity twice"] = (Requests.Unit(Requests.Set("alice", "n", 1), Requests.Set("alice", "n", 2)), ErrorCodes.InvalidRequest),
        ["a delta that is none"] = (Requests.Unit(new Mutation { Kind = Requests.Kind, Id = "alice", Delta = ByteString.CopyFromUtf8("nonsense") }), "document.*"),
        ["an empty delta"] = (Requests.Unit(new Mutation { Kind = Requests.Kind, Id = "alice", Delta = ByteString.Empty }), "document.*"),
        ["a path that is too deep"] = (Requests.Unit(Deep()), "document.*"),
        ["a message that is no document"] = (Requests.Unit(new Mutation { Kind = Requests.Kind, Id = "alice", Message = ByteString.CopyFromUtf8("nonsense") }), "document.*"),
        ["a template that is no document"] = (Requests.Unit(Requests.Set("new", "n", 1, m => m.Template = ByteString.CopyFromUtf8("nonsense"))), "document.*"),
        ["reading a version above all numbers"] = (Requests.Get("alice", ulong.MaxValue), ErrorCodes.InvalidRequest),
        ["reading without an id"] = (Requests.Get(""), ErrorCodes.InvalidRequest),
        ["watching a version above all numbers"] = (Requests.Watch("alice", fromVersion: ulong.MaxValue), ErrorCodes.InvalidRequest),
        ["gathering for a year"] = (Requests.Watch("alice", coalesceMs: uint.MaxValue), ErrorCodes.InvalidRequest),
        ["a policy that does not exist"] = (Requests.Open("alice", open => open.Policy = (SessionConflictPolicy)99), ErrorCodes.InvalidRequest),
        ["resuming a session that nobody has"] = (Requests.Open("alice", open => open.Resume = 77), ErrorCodes.SessionLost),
        ["resuming a session above all numbers"] = (Requests.Open("alice", open => open.Resume = ulong.MaxValue), ErrorCodes.InvalidRequest),
        ["ending a session above all numbers"] = (Requests.End("alice", ulong.MaxValue), ErrorCodes.InvalidRequest),
    };

    public static TheoryData<string> WrongRequestNames => [.. WrongRequests.Keys];

    [Theory]
    [MemberData(nameof(WrongRequestNames))]
    public async Task A_wrong_request_gets_its_code_and_the_connection_lives_on(string name)
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "n", 1));

        var (message, code) = WrongRequests[name];
        var error = await client.RefusedAsync(message.Clone());
        if (code.EndsWith('*'))
            error.Code.ShouldStartWith(code[..^1]);
        else
            error.Code.ShouldBe(code);

        var snapshot = (await client.AskAsync(Requests.Get("alice"))).Snapshot;
        (snapshot.Version, Requests.Number(snapshot.Document, "n")).ShouldBe((1UL, 1L));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    public async Task A_request_without_a_usable_number_is_refused(ulong number)
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.SendAsync(new ClientMessage { Request = number, Get = new Get { Kind = Requests.Kind, Id = "alice" } });
        (await client.NextAsync()).Error.Code.ShouldBe(ErrorCodes.InvalidRequest);
        await client.SettleAsync();
    }

    [Fact]
    public async Task A_string_that_is_no_UTF_8_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        byte[] mutation = [0x0A, 1, (byte)'p', 0x12, 2, 0xC3, 0x28, 0x28, 1];
        byte[] unit = [0x0A, (byte)mutation.Length, .. mutation];
        byte[] message = [0x08, 1, 0x1A, (byte)unit.Length, .. unit];
        await client.SendRawAsync(new byte[] { 0x12, (byte)message.Length }.Concat(message).ToArray());
        (await client.AnswerAsync(1)).Error.Code.ShouldBe(ErrorCodes.InvalidRequest);
    }

    [Fact]
    public async Task A_message_of_a_later_version_of_the_protocol_is_unknown_and_nothing_more()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();

        // Request 1 with a body in field 200, which this server has never heard of.
        await client.SendRawAsync(new byte[] { 0x12, 6, 0x08, 1, 0xC2, 0x0C, 1, 0 });
        (await client.AnswerAsync(1)).Error.Code.ShouldBe(ErrorCodes.UnknownMessage);
        await client.SettleAsync();
    }

    [Theory]
    [InlineData(new byte[] { 0x12, 0x7F, 0x08 })]
    [InlineData(new byte[] { 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F })]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0x00 })]
    [InlineData(new byte[] { 0x07, 0x01 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 })]
    [InlineData(new byte[] { 0x12, 0x04, 0x08, 0x01, 0x1A, 0x05 })]
    [InlineData(new byte[] { 0x12, 0x06, 0x08, 0x01, 0x1A, 0x02, 0x0A, 0x09 })]
    public async Task A_broken_frame_ends_its_connection_and_no_other(byte[] frame)
    {
        await using var server = await TestServer.StartAsync();
        var other = await server.ConnectAsync();
        var client = await server.ConnectAsync();
        await client.SendRawAsync(frame);
        (await client.UntilClosedAsync())[^1].Error.Code.ShouldBe(ErrorCodes.MalformedFrame);
        await other.CommitAsync(Requests.Set("alice", "n", 1));
    }

    [Fact]
    public async Task Random_frames_never_harm_the_server()
    {
        await using var server = await TestServer.StartAsync(new StreamOptions { CloseTimeout = TimeSpan.FromMilliseconds(20) });
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
            await SendGarbageAsync(server, random);

        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("the-end", "n", 1));
        server.Streams.Connections.ShouldBe(1);
    }

    [Fact]
    public void A_client_that_sends_and_never_reads_is_slowed_down_and_no_memory_grows()
    {
        // On the scheduler it is known when a frame is stuck: nothing is left that could run, and it has not gone out.
        var scheduler = new VirtualScheduler();
        scheduler.Run(async () =>
        {
            var server = await TestServer.StartAsync(new StreamOptions { MaxQueuedBytes = 64 << 10 }, scheduler.Time);
            var client = await server.ConnectAsync();
            await client.CommitAsync(Requests.Set("alice", "n", 1));
            var sent = 0;
            Task sending;
            do
            {
                sending = client.SendAsync([.. Enumerable.Range(0, 100).Select(_ => new ClientMessage { Ping = new Ping { Token = ulong.MaxValue } })]);
                scheduler.RunReady();
                (++sent).ShouldBeLessThan(10_000);
            }
            while (sending.IsCompleted);

            client.Break();
            await client.Serving;
            sending.Exception!.InnerException.ShouldBeOfType<IOException>();
        });
    }

    [Fact]
    public async Task A_client_that_reads_so_slowly_that_much_piles_up_is_disconnected()
    {
        await using var server = await TestServer.StartAsync(new StreamOptions { MaxBatchBytes = 16 << 10, MaxQueuedBytes = 16 << 10, CloseAboveQueuedBytes = 128 << 10, CloseTimeout = TimeSpan.FromMilliseconds(50) });
        var holder = await server.ConnectAsync();
        await holder.OpenAsync("alice");
        var body = new Document(new MapBuilder { ["text"] = new string('x', 10_000) }.Build()).ToBytes();
        var other = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));

        // The connection in this process itself holds 64 frames, of one or two such messages each.
        for (var i = 0; i < 400; i++)
            await other.CommitAsync(new Mutation { Kind = Requests.Kind, Id = "alice", Message = ByteString.CopyFrom(body) });
        await holder.Serving.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        server.Streams.Connections.ShouldBe(1);
    }

    private static async Task SendGarbageAsync(TestServer server, Random random)
    {
        var client = server.Connect();
        try
        {
            if (random.Next(4) > 0)
                await client.HelloAsync(TestClient.AsGameServer());
            for (var i = 0; i < 4; i++)
                await client.SendRawAsync(Garbage(random));
        }
        catch (IOException)
        {
            // The server has had enough.
        }

        await client.DisposeAsync();
    }

    /// <summary>Pure noise, or a good frame with a few bytes changed, which gets further.</summary>
    private static byte[] Garbage(Random random)
    {
        if (random.Next(3) == 0)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }

        var wrong = WrongRequests.Values.Where(request => request.Message.CalculateSize() < 10_000).ToArray();
        var message = wrong[random.Next(wrong.Length)].Message.Clone();
        message.Request = (ulong)random.Next(5);
        var frame = new ClientFrame { Messages = { message } }.ToByteArray();
        for (var i = random.Next(4); i > 0; i--)
            frame[random.Next(frame.Length)] = (byte)random.Next(256);
        return frame;
    }

    private static Mutation Deep()
    {
        var delta = new DeltaWriter();
        delta.Set(string.Join('.', Enumerable.Repeat("a", 40)), 1);
        return new Mutation { Kind = Requests.Kind, Id = "alice", Delta = ByteString.CopyFrom(delta.WrittenSpan) };
    }
}
