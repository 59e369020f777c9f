using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

public sealed class UnitTests
{
    [Fact]
    public async Task A_committed_unit_is_answered_with_the_version_of_each_mutation()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        var answer = await client.AskAsync(Requests.Unit(Requests.Set("alice", "gold", 2), Requests.Set("bob", "gold", 3)));
        answer.UnitCommitted.Versions.ShouldBe([2UL, 1UL]);
    }

    [Fact]
    public async Task What_was_committed_can_be_read()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "gold", 41));
        await client.CommitAsync(Requests.Add("alice", "gold", 1));
        var snapshot = (await client.AskAsync(Requests.Get("alice"))).Snapshot;
        snapshot.Version.ShouldBe(2UL);
        Requests.Number(snapshot.Document, "gold").ShouldBe(42);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_takes_effect_once()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var request = Requests.Unit(Requests.Set("alice", "gold", 5));
        (await client.AskAsync(request)).UnitCommitted.Versions.ShouldBe([1UL]);
        (await client.AskAsync(request)).UnitCommitted.Versions.ShouldBe([1UL]);
        (await client.AskAsync(Requests.Get("alice"))).Snapshot.Version.ShouldBe(1UL);
    }

    [Fact]
    public async Task A_request_leaves_nothing_behind_for_the_next()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var watcher = await server.ConnectAsync();
        await watcher.AskAsync(Requests.Watch("alice"));
        await watcher.AskAsync(Requests.Watch("bob"));
        var full = Requests.Unit(Requests.Set("alice", "gold", 1, m =>
        {
            m.ExpectedVersion = 0;
            m.Template = Google.Protobuf.ByteString.CopyFrom(Requests.Body(9));
        }));
        full.Unit.Reason = "quest:dragon";
        await client.AskAsync(full);
        (await watcher.NextAsync(message => message.Change is not null)).Change.Reason.ShouldBe("quest:dragon");

        (await client.CommitAsync(Requests.Set("alice", "gold", 2))).ShouldBe(2UL);
        (await watcher.NextAsync(message => message.Change is not null)).Change.Reason.ShouldBe("");
        await client.CommitAsync(Requests.Set("bob", "gold", 3));
        var bob = (await client.AskAsync(Requests.Get("bob"))).Snapshot;
        Savepoint.Documents.Document.Decode(bob.Document.Span).Root.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Many_units_in_flight_are_all_answered()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        const int Count = 2_000;
        var sending = Task.Run(async () =>
        {
            for (var i = 1; i <= Count; i += 20)
                await client.SendAsync([.. Enumerable.Range(i, 20).Select(Numbered)]);
        }, TestContext.Current.CancellationToken);
        for (var i = 0; i < Count; i++)
            (await client.NextAsync()).UnitCommitted.ShouldNotBeNull();
        await sending;
        Requests.Number((await client.AskAsync(With(Requests.Get("p0"), Count + 1))).Snapshot.Document, "n").ShouldBe(Count / 10);

        static ClientMessage Numbered(int i) => With(Requests.Unit(Requests.Add($"p{i % 10}", "n", 1)), i);
        static ClientMessage With(ClientMessage message, int request)
        {
            message.Request = (ulong)request;
            return message;
        }
    }

    [Fact]
    public async Task A_unit_with_the_wrong_expected_version_is_refused_with_both_versions()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        var error = await client.RefusedAsync(Requests.Unit(Requests.Set("bob", "gold", 1), Requests.Set("alice", "gold", 2, m => m.ExpectedVersion = 7)));
        error.Code.ShouldBe(ErrorCodes.VersionMismatch);
        (error.Mutation, error.Id, error.ExpectedVersion, error.CurrentVersion).ShouldBe((1u, "alice", 7UL, 1UL));
        (await client.AskAsync(Requests.Get("bob"))).Snapshot?.Version.ShouldBe(0UL);
    }

    [Fact]
    public async Task A_unit_without_mutations_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        (await client.RefusedAsync(Requests.Unit())).Code.ShouldBe(ErrorCodes.InvalidRequest);
    }

    [Fact]
    public async Task A_unit_with_too_many_mutations_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var mutations = Enumerable.Range(0, 65).Select(i => Requests.Set($"p{i}", "n", 1)).ToArray();
        (await client.RefusedAsync(Requests.Unit(mutations))).Code.ShouldBe(ErrorCodes.InvalidRequest);
        await client.CommitAsync(mutations[..64]);
    }

    [Fact]
    public async Task A_part_that_is_too_large_is_refused_and_the_parts_behind_it_are_not()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var tooLarge = new Mutation { Kind = Requests.Kind, Id = "alice", Delta = Google.Protobuf.ByteString.CopyFrom(new byte[(1 << 20) + 1]) };
        await client.SendAsync(
            new ClientMessage { Request = 1, Unit = Requests.Unit(tooLarge).Unit },
            new ClientMessage { Request = 2, Unit = Requests.Unit(Requests.Set("bob", "gold", 1)).Unit });
        (await client.AnswerAsync(1)).Error.ShouldNotBeNull();
        (await client.AnswerAsync(2)).UnitCommitted.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_new_entity_starts_from_the_template_that_came_with_it()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "gold", 1, m => m.Template = Google.Protobuf.ByteString.CopyFrom(Requests.Body(9))));
        var document = (await client.AskAsync(Requests.Get("alice"))).Snapshot.Document;
        Requests.Number(document, "n").ShouldBe(9);
        Requests.Number(document, "gold").ShouldBe(1);
    }

    [Fact]
    public async Task An_older_version_can_be_read()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        await client.CommitAsync(Requests.Set("alice", "gold", 2));
        var snapshot = (await client.AskAsync(Requests.Get("alice", 1))).Snapshot;
        (snapshot.Version, Requests.Number(snapshot.Document, "gold")).ShouldBe((1UL, 1L));
        (await client.RefusedAsync(Requests.Get("alice", 9))).Code.ShouldBe(ErrorCodes.VersionNotFound);
    }

    [Fact]
    public async Task A_removed_entity_says_so()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        (await client.CommitAsync(Requests.Remove("alice"))).ShouldBe(2UL);
        var snapshot = (await client.AskAsync(Requests.Get("alice"))).Snapshot;
        (snapshot.Version, snapshot.Removed, snapshot.Document.IsEmpty).ShouldBe((2UL, true, true));
    }

    [Fact]
    public async Task More_requests_than_the_window_are_refused_as_overloaded()
    {
        await using var server = await TestServer.StartAsync(new StreamOptions { Window = 2 });
        var holder = await server.ConnectAsync();
        await holder.OpenAsync("alice");
        var client = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        await client.RequestAsync(Requests.Open("alice"));
        await client.RequestAsync(Requests.Open("alice"));
        var error = await client.RefusedAsync(Requests.Get("bob"));
        (error.Code, error.Transient, error.RetryAfterMs > 0).ShouldBe((ErrorCodes.Overloaded, true, true));
    }

    [Fact]
    public async Task A_failing_store_is_reported_as_unavailable_or_unknown_and_the_connection_lives_on()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        server.Faults.FailNext(StoreOperation.Append, isTransient: false);
        var error = await client.RefusedAsync(Requests.Unit(Requests.Set("alice", "gold", 2)));
        new[] { ErrorCodes.Unavailable, ErrorCodes.OutcomeUnknown }.ShouldContain(error.Code);
        await client.SettleAsync();
    }
}
