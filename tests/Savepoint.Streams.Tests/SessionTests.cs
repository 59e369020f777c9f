using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

public sealed class SessionTests
{
    [Fact]
    public async Task Opening_a_session_creates_the_entity_from_the_template()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var opened = await client.OpenAsync("alice", open => open.Template = Google.Protobuf.ByteString.CopyFrom(Requests.Body(7)));
        (opened.Result, opened.Created).ShouldBe((SessionOpened.Types.Result.Acquired, true));
        opened.Session.ShouldBeGreaterThan(0UL);
        Requests.Number(opened.Document, "n").ShouldBe(7);
    }

    [Fact]
    public async Task A_holder_changes_under_its_session_and_sees_its_own_changes()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var number = await client.RequestAsync(Requests.Open("alice"));
        var opened = (await client.AnswerAsync(number)).SessionOpened;
        var request = await client.RequestAsync(Requests.Unit(Requests.Set("alice", "gold", 1, m => m.Session = opened.Session)));
        var change = (await client.NextAsync(message => message.Change is not null)).Change;
        (change.Watch, change.OwnRequest, change.Version).ShouldBe((number, request, opened.Version + 1));
    }

    [Fact]
    public async Task With_the_policy_Fail_the_holder_is_named()
    {
        await using var server = await TestServer.StartAsync();
        await (await server.ConnectAsync()).OpenAsync("alice");
        var second = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        var opened = await second.OpenAsync("alice", open => open.Policy = SessionConflictPolicy.Fail);
        (opened.Result, opened.Holder).ShouldBe((SessionOpened.Types.Result.HeldElsewhere, "eu-1"));
        opened.SinceUnixMs.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_waiting_server_gets_the_session_when_the_holder_ends_it()
    {
        await using var server = await TestServer.StartAsync();
        var holder = await server.ConnectAsync();
        var number = await holder.RequestAsync(Requests.Open("alice"));
        var first = (await holder.AnswerAsync(number)).SessionOpened;
        var waiter = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        var waiting = await waiter.RequestAsync(Requests.Open("alice"));

        var requested = (await holder.NextAsync(message => message.SessionRequested is not null)).SessionRequested;
        (requested.Watch, requested.Requester).ShouldBe((number, "eu-2"));
        await holder.CommitAsync(Requests.Set("alice", "gold", 9, m => m.Session = first.Session));
        var ended = (await holder.AskAsync(Requests.End("alice", first.Session))).SessionEnded;
        (ended.Reason, ended.Watch).ShouldBe((SessionEnded.Types.Reason.Ended, number));

        var second = (await waiter.AnswerAsync(waiting)).SessionOpened;
        second.Session.ShouldBeGreaterThan(first.Session);
        Requests.Number(second.Document, "gold").ShouldBe(9);
    }

    [Fact]
    public async Task A_stolen_session_ends_for_its_holder_who_can_write_no_more()
    {
        await using var server = await TestServer.StartAsync();
        var holder = await server.ConnectAsync();
        var number = await holder.RequestAsync(Requests.Open("alice"));
        var first = (await holder.AnswerAsync(number)).SessionOpened;
        var thief = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        var second = await thief.OpenAsync("alice", open => open.Policy = SessionConflictPolicy.Steal);
        second.Session.ShouldBeGreaterThan(first.Session);

        var ended = (await holder.NextAsync(message => message.SessionEnded is not null)).SessionEnded;
        (ended.Watch, ended.Reason, ended.Holder).ShouldBe((number, SessionEnded.Types.Reason.Stolen, "eu-2"));
        var error = await holder.RefusedAsync(Requests.Unit(Requests.Set("alice", "gold", 1, m => m.Session = first.Session)));
        (error.Code, error.Holder).ShouldBe((ErrorCodes.SessionLost, "eu-2"));
    }

    [Fact]
    public async Task A_session_goes_on_after_a_reconnect_of_its_writer()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.ConnectAsync();
        var open = Requests.Open("alice");
        var opened = (await first.AskAsync(open)).SessionOpened;
        first.Break();
        await first.Serving.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        var hello = TestClient.AsGameServer();
        hello.Writer = first.Welcome.Writer;
        var second = await server.ConnectAsync(hello);
        open.OpenSession.Resume = opened.Session;
        open.OpenSession.FromVersion = opened.Version;
        var resumed = (await second.AskAsync(open)).SessionOpened;
        (resumed.Result, resumed.Session, resumed.Resumed).ShouldBe((SessionOpened.Types.Result.Acquired, opened.Session, true));
        await second.AskAsync(With(Requests.Unit(Requests.Set("alice", "gold", 1, m => m.Session = opened.Session)), 2));
    }

    [Fact]
    public async Task When_the_lease_of_a_broken_connection_runs_out_a_waiter_gets_the_session()
    {
        var time = new VirtualTime();
        await using var server = await TestServer.StartAsync(time: time);
        var holder = await server.ConnectAsync();
        await holder.OpenAsync("alice");
        holder.Break();
        await holder.Serving.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        var waiter = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        var waiting = await waiter.RequestAsync(Requests.Open("alice"));
        await waiter.SettleAsync();
        time.Advance(TimeSpan.FromSeconds(29));
        (await waiter.SettleAsync()).ShouldNotContain(message => message.Request == waiting);
        time.Advance(TimeSpan.FromSeconds(2));
        (await waiter.AnswerAsync(waiting)).SessionOpened.Result.ShouldBe(SessionOpened.Types.Result.Acquired);
    }

    [Fact]
    public async Task Whoever_waits_too_long_is_told()
    {
        var time = new VirtualTime();
        await using var server = await TestServer.StartAsync(time: time);
        await (await server.ConnectAsync()).OpenAsync("alice");
        var waiter = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        var waiting = await waiter.RequestAsync(Requests.Open("alice", open => open.WaitTimeoutMs = 5_000));
        await waiter.SettleAsync();
        time.Advance(TimeSpan.FromSeconds(6));
        var error = (await waiter.AnswerAsync(waiting)).Error;
        (error.Code, error.Transient).ShouldBe((ErrorCodes.SessionWaitTimeout, true));
    }

    [Fact]
    public async Task Messages_reach_the_holder_and_are_gone_once_processed()
    {
        await using var server = await TestServer.StartAsync();
        var sender = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        await sender.CommitAsync(Requests.Set("alice", "gold", 0));
        var first = (await sender.AskAsync(Requests.Unit(Requests.Message("alice", 1)))).UnitCommitted.Versions[0];

        var holder = await server.ConnectAsync();
        var opened = await holder.OpenAsync("alice");
        var waiting = opened.Messages.Single();
        (waiting.Id, waiting.Sender, Requests.Number(waiting.Body, "n")).ShouldBe((first, "server:eu-2", 1L));

        await sender.AskAsync(Requests.Unit(Requests.Message("alice", 2)));
        var live = (await holder.NextAsync(message => message.EntityMessage is not null)).EntityMessage;
        live.Id.ShouldBe(first + 1);
        await holder.CommitAsync(Requests.Set("alice", "gold", 1, m =>
        {
            m.Session = opened.Session;
            m.ProcessedMessages.Add([first, live.Id]);
        }));
        await holder.AskAsync(Requests.End("alice", opened.Session));
        (await holder.OpenAsync("alice")).Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_session_that_is_not_ones_own_can_not_be_ended()
    {
        await using var server = await TestServer.StartAsync();
        var holder = await server.ConnectAsync();
        var opened = await holder.OpenAsync("alice");
        var error = await holder.RefusedAsync(Requests.End("alice", opened.Session + 1));
        error.Code.ShouldBe(ErrorCodes.SessionLost);
        (await holder.RefusedAsync(Requests.End("alice", 0))).Code.ShouldBe(ErrorCodes.InvalidRequest);
    }

    [Fact]
    public async Task Others_may_not_set_properties_while_a_session_is_active()
    {
        await using var server = await TestServer.StartAsync();
        var holder = await server.ConnectAsync();
        await holder.OpenAsync("alice", open => open.Template = Google.Protobuf.ByteString.CopyFrom(Requests.Body(0)));
        var other = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        var error = await other.RefusedAsync(Requests.Unit(Requests.Set("alice", "n", 1)));
        (error.Code, error.Holder).ShouldBe((ErrorCodes.SessionRequired, "eu-1"));
        await other.CommitAsync(Requests.Add("alice", "n", 1));
        var change = (await holder.NextAsync(message => message.Change is not null)).Change;
        change.OwnRequest.ShouldBe(0UL);
    }

    [Fact]
    public async Task A_holder_that_does_not_read_gets_a_snapshot_and_keeps_its_session()
    {
        await using var server = await TestServer.StartAsync(new StreamOptions { MaxQueuedBytes = 4_096, MaxBatchBytes = 1_024, MaxGatheredBytes = 1_024 });
        var other = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        await other.CommitAsync(Requests.Set("alice", "n", 0));
        var holder = await server.ConnectAsync();
        var number = await holder.RequestAsync(Requests.Open("alice"));
        var opened = await holder.AnswerAsync(number);
        var state = new Follower(number);
        state.Take(opened);

        await other.CommitAsync(Requests.Message("alice", 1));
        var version = 0UL;
        for (var i = 0; i < 5_000; i++)
            version = await other.CommitAsync(Requests.Add("alice", "n", 1));
        while (state.Version < version)
            state.Take(await holder.NextAsync());
        state.Snapshots.ShouldBeGreaterThan(0);
        state.Number("n").ShouldBe(5_000);
        await holder.SettleAsync();
        holder.Received.Count(message => message.EntityMessage is not null).ShouldBe(1);
        await holder.CommitAsync(Requests.Set("alice", "n", 1, m => m.Session = opened.SessionOpened.Session));
        (await holder.AskAsync(Requests.End("alice", opened.SessionOpened.Session))).SessionEnded.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_session_survives_a_commit_that_fails()
    {
        await using var server = await TestServer.StartAsync();
        var other = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        await other.CommitAsync(Requests.Set("alice", "n", 0));
        var holder = await server.ConnectAsync();
        var number = await holder.RequestAsync(Requests.Open("alice"));
        var opened = await holder.AnswerAsync(number);
        var state = new Follower(number);
        state.Take(opened);

        server.Faults.FailNext(StoreOperation.Append, isTransient: false);
        await other.AskAsync(Requests.Unit(Requests.Add("alice", "n", 1)));
        ServerMessage answer;
        do
            answer = await other.AskAsync(Requests.Unit(Requests.Add("alice", "n", 10)));
        while (answer.Error is { Transient: true });
        while (state.Version < answer.UnitCommitted.Versions[0])
            state.Take(await holder.NextAsync());
        state.Number("n").ShouldBe(10);
        await holder.CommitAsync(Requests.Set("alice", "n", 1, m => m.Session = opened.SessionOpened.Session));
    }

    private static ClientMessage With(ClientMessage message, ulong request)
    {
        message.Request = request;
        return message;
    }
}
