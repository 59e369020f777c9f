using System.Text;
using Google.Protobuf;
using Savepoint.Documents;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

/// <summary>Changes of many entities in one message, each for itself (P14).</summary>
public sealed class BatchTests
{
    [Fact]
    public async Task Each_part_has_its_own_result_in_order()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        var parts = await BatchAsync(client, Requests.Batch(
            Requests.Set("alice", "gold", 2),
            Requests.Set("bob", "gold", 3, m => m.ExpectedVersion = 7),
            Requests.Set("carol", "gold", 4),
            Requests.Message("alice", 1),
            Requests.Add("alice", "gold", 10)));
        Outcomes(parts).ShouldBe("2 version.mismatch 1 1 3");
        parts[1].Error.ShouldSatisfyAllConditions(
            error => error.Mutation.ShouldBe(1U),
            error => error.Id.ShouldBe("bob"),
            error => error.ExpectedVersion.ShouldBe(7UL));
        (await GoldAsync(client, "alice")).ShouldBe(12);
        (await GoldAsync(client, "carol")).ShouldBe(4);
        (await client.AskAsync(Requests.Get("bob"))).Snapshot.Version.ShouldBe(0UL);
    }

    [Fact]
    public async Task A_part_over_the_limit_is_refused_and_those_behind_it_are_carried_out()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var parts = await BatchAsync(client, Requests.Batch(
            Requests.Set("alice", "gold", 1),
            new Mutation { Kind = Requests.Kind, Id = "bob", Delta = Text((1 << 20) + 1) },
            Requests.Set("bob", "gold", 2),
            Requests.Set("carol", "gold", 3)));
        Outcomes(parts).ShouldBe("1 document.too_large 1 1");
        (await GoldAsync(client, "bob")).ShouldBe(2);
    }

    [Fact]
    public async Task A_part_that_cannot_be_read_is_refused_and_those_behind_it_are_carried_out()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        byte[][] parts =
        [
            Requests.Set("alice", "gold", 1).ToByteArray(),
            [0xFF, 0xFF, 0xFF],
            [0x0A, 0x7F, 0x41],
            Requests.Set("", "gold", 1).ToByteArray(),
            new Mutation { Kind = Requests.Kind, Id = "bob" }.ToByteArray(),
            new Mutation { Kind = Requests.Kind, Id = "bob", Delta = ByteString.CopyFromUtf8("no delta") }.ToByteArray(),
            new Mutation { Kind = "dragon", Id = "bob", Remove = true }.ToByteArray(),
            Requests.Set("bob", "gold", 2).ToByteArray(),
        ];
        await client.SendRawAsync(Frame(1, parts));
        var results = (await client.AnswerAsync(1)).BatchResult.Parts;
        Outcomes(results).ShouldBe("1 request.invalid request.invalid request.invalid request.invalid document.unsupported_format kind.unknown 1");
        results.Where(part => part.Error is not null).Select(part => part.Error.Mutation).ShouldBe([1U, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public async Task A_part_that_is_not_allowed_is_refused_by_itself()
    {
        await using var server = await TestServer.StartAsync();
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        Outcomes(await BatchAsync(player, Requests.Batch(Requests.Set("alice", "gold", 1), Requests.Set("bob", "gold", 1))))
            .ShouldBe("auth.forbidden auth.forbidden");
    }

    [Fact]
    public async Task A_batch_without_parts_or_with_too_many_is_refused_as_a_whole()
    {
        await using var server = await TestServer.StartAsync(new StreamOptions { MaxPartsPerBatch = 2 });
        var client = await server.ConnectAsync();
        (await client.RefusedAsync(Requests.Batch())).Code.ShouldBe(ErrorCodes.InvalidRequest);
        (await client.RefusedAsync(Requests.Batch(Requests.Set("a", "n", 1), Requests.Set("b", "n", 1), Requests.Set("c", "n", 1)))).Code.ShouldBe(ErrorCodes.InvalidRequest);
        (await client.AskAsync(Requests.Get("a"))).Snapshot.Version.ShouldBe(0UL);
    }

    [Fact]
    public async Task Each_part_takes_effect_once_however_often_the_batch_is_sent()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var batch = Requests.Batch(
            [.. Enumerable.Range(0, 40).Select(i => Requests.Add($"p{i % 20}", "gold", 1, m => m.ExpectedVersion = (ulong)(i < 25 ? i / 20 : 9)))]);
        var first = await BatchAsync(client, batch);
        (await BatchAsync(client, batch)).ShouldBe(first);

        client.Break();
        var again = await server.ConnectAsync(Resuming(client));
        (await BatchAsync(again, batch)).ShouldBe(first);
        first.Count(part => part.Error is null).ShouldBe(25);
        for (var i = 0; i < 20; i++)
            (await GoldAsync(again, $"p{i}")).ShouldBe(i < 5 ? 2 : 1);
    }

    [Fact]
    public async Task What_was_lost_on_the_way_is_carried_out_when_the_batch_comes_again_and_nothing_else()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();

        // Of the same batch, a server has carried out the first parts only: the rest stands for what a crash took.
        var whole = Requests.Batch([.. Enumerable.Range(0, 10).Select(i => Requests.Add($"p{i}", "gold", 1))]);
        var half = Requests.Batch([.. whole.Batch.Parts.Take(5)]);
        half.Request = whole.Request = 1;
        await BatchAsync(client, half);
        Outcomes(await BatchAsync(client, whole)).ShouldBe("1 1 1 1 1 1 1 1 1 1");
        for (var i = 0; i < 10; i++)
            (await GoldAsync(client, $"p{i}", (ulong)(i + 2))).ShouldBe(1);
    }

    [Fact]
    public async Task Other_parts_under_the_same_number_are_not_given_the_outcome_of_the_first()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var first = Requests.Batch(Requests.Add("alice", "gold", 1), Requests.Add("alice", "gold", 2));
        var other = Requests.Batch(Requests.Add("alice", "gold", 2), Requests.Add("alice", "gold", 2));
        first.Request = other.Request = 1;
        await BatchAsync(client, first);
        Outcomes(await BatchAsync(client, other)).ShouldBe("request.reused 2");
    }

    [Fact]
    public async Task Outcomes_are_forgotten_once_the_client_has_received_the_result()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var batch = Requests.Batch(Requests.Add("alice", "gold", 1), Requests.Add("alice", "gold", 1));
        batch.Request = 1;
        await BatchAsync(client, batch);
        var frame = new ClientFrame { ReceivedThrough = 1 };
        var unit = Requests.Unit(Requests.Add("alice", "gold", 1));
        unit.Request = 2;
        frame.Messages.Add(unit);
        await client.SendRawAsync(frame.ToByteArray());
        await client.AnswerAsync(2);
        client.Break();
        var again = await server.ConnectAsync(Resuming(client));
        Outcomes(await BatchAsync(again, batch)).ShouldBe("request.forgotten request.forgotten");
        (await GoldAsync(again, "alice", 3)).ShouldBe(3);
    }

    [Fact]
    public async Task A_unit_and_a_batch_of_one_writer_do_not_get_in_each_others_way()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var batch = Requests.Batch(Requests.Add("alice", "gold", 1), Requests.Add("alice", "gold", 1));
        var before = Requests.Unit(Requests.Add("alice", "gold", 10));
        var after = Requests.Unit(Requests.Add("alice", "gold", 100));
        (before.Request, batch.Request, after.Request) = (1, 2, 3);
        await client.SendAsync(after, batch, before);
        await client.AnswerAsync(1);
        await client.SendAsync(before, batch, after);
        await client.AnswerAsync(3);
        (await GoldAsync(client, "alice", 4)).ShouldBe(112);
    }

    [Fact]
    public async Task Whoever_watches_is_told_of_each_part_in_full()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var watch = await client.RequestAsync(Requests.Watch("alice"));
        await client.AnswerAsync(watch);
        var batch = Requests.Batch(Requests.Add("alice", "gold", 1), Requests.Add("bob", "gold", 1), Requests.Add("alice", "gold", 2));
        batch.Batch.Reason = "quest:dragon";
        var request = await client.RequestAsync(batch);
        await client.AnswerAsync(request);
        await client.SettleAsync();
        var changes = client.Received.Where(message => message.Change is not null).Select(message => message.Change).ToList();
        changes.Select(change => change.Version).ShouldBe([1UL, 2]);
        changes.ShouldAllBe(change => change.OwnRequest == 0 && !change.Delta.IsEmpty && change.Reason == "quest:dragon" && change.Watch == watch);
    }

    [Fact]
    public async Task Nothing_more_is_read_while_too_much_of_batches_is_under_way()
    {
        await using var server = await TestServer.StartAsync(new StreamOptions { MaxHeldBatchBytes = 1_000 });
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("p0", "n", 0));
        var storing = server.Faults.StallNext(StoreOperation.Append);
        await client.RequestAsync(Requests.Batch([.. Enumerable.Range(0, 10).Select(i => Requests.Add($"p{i}", "n", 1))]));
        await storing.Reached;
        await client.SendAsync(new ClientMessage { Ping = new Ping { Token = 1 } });
        client.Received.ShouldNotContain(message => message.Pong != null);
        storing.Release();
        (await client.NextAsync(message => message.BatchResult is not null || message.Pong is not null)).BatchResult.ShouldNotBeNull();
        await client.NextAsync(message => message.Pong is not null);
    }

    private static async Task<IReadOnlyList<PartResult>> BatchAsync(TestClient client, ClientMessage batch)
    {
        var answer = await client.AskAsync(batch);
        answer.BodyCase.ShouldBe(ServerMessage.BodyOneofCase.BatchResult, answer.ToString());
        return answer.BatchResult.Parts;
    }

    private static async Task<long> GoldAsync(TestClient client, string id, ulong request = 0)
    {
        var get = Requests.Get(id);
        get.Request = request;
        return Requests.Number((await client.AskAsync(get)).Snapshot.Document, "gold");
    }

    private static string Outcomes(IEnumerable<PartResult> parts) => string.Join(' ', parts.Select(part => part.Error?.Code ?? $"{part.Version}"));

    private static Hello Resuming(TestClient client)
    {
        var hello = TestClient.AsGameServer();
        hello.Writer = client.Welcome.Writer;
        return hello;
    }

    private static ByteString Text(int bytes)
    {
        var delta = new DeltaWriter();
        delta.Set("story", new string('a', bytes));
        return ByteString.CopyFrom(delta.WrittenSpan);
    }

    /// <summary>A frame with a batch whose parts are any bytes.</summary>
    private static byte[] Frame(ulong request, byte[][] parts)
    {
        var batch = Blocks(1, parts);
        byte[] message = [0x08, (byte)request, .. Blocks(ClientMessage.BatchFieldNumber, [batch])];
        return Blocks(ClientFrame.MessagesFieldNumber, [message]);
    }

    private static byte[] Blocks(int field, byte[][] contents)
    {
        using var stream = new MemoryStream();
        var output = new CodedOutputStream(stream);
        foreach (var content in contents)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(content));
        }

        output.Flush();
        return stream.ToArray();
    }
}
