using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

public sealed class DrainTests
{
    [Fact]
    public async Task Clients_are_told_and_may_save_and_end_their_sessions_first()
    {
        await using var server = await TestServer.StartAsync(time: new VirtualTime());
        var client = await server.ConnectAsync();
        var opened = await client.OpenAsync("alice");
        var draining = server.Streams.DrainAsync(CancellationToken.None);

        (await client.NextAsync(message => message.Draining is not null)).Draining.GraceMs.ShouldBe(10_000u);
        await client.CommitAsync(Requests.Set("alice", "gold", 1, m => m.Session = opened.Session));
        draining.IsCompleted.ShouldBeFalse();
        (await client.AskAsync(Requests.End("alice", opened.Session))).SessionEnded.ShouldNotBeNull();
        await client.UntilClosedAsync();
        await client.CloseAsync();
        await draining.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        server.Streams.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task Without_sessions_the_connections_close_at_once()
    {
        var time = new VirtualTime();
        await using var server = await TestServer.StartAsync(time: time);
        var client = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        var draining = server.Streams.DrainAsync(CancellationToken.None);
        (await client.UntilClosedAsync())[^1].Draining.ShouldNotBeNull();
        await client.CloseAsync();
        await draining.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task After_the_grace_period_it_goes_on_without_those_who_hold_on()
    {
        var time = new VirtualTime();
        await using var server = await TestServer.StartAsync(time: time);
        var client = await server.ConnectAsync();
        await client.OpenAsync("alice");
        var draining = server.Streams.DrainAsync(CancellationToken.None);
        await client.NextAsync(message => message.Draining is not null);
        time.Advance(TimeSpan.FromSeconds(9.9));
        await client.SettleAsync();
        draining.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(0.2));
        await client.UntilClosedAsync();
        await client.CloseAsync();
        await draining.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task New_connections_and_sessions_are_refused_and_waiters_told()
    {
        await using var server = await TestServer.StartAsync(time: new VirtualTime());
        var holder = await server.ConnectAsync();
        var opened = await holder.OpenAsync("alice");
        var waiter = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        var waiting = await waiter.RequestAsync(Requests.Open("alice"));
        await waiter.SettleAsync();
        var draining = server.Streams.DrainAsync(CancellationToken.None);

        (await waiter.AnswerAsync(waiting)).SessionOpened.Result.ShouldBe(SessionOpened.Types.Result.ShuttingDown);
        (await waiter.OpenAsync("bob")).Result.ShouldBe(SessionOpened.Types.Result.ShuttingDown);
        var late = server.Connect();
        await late.SendAsync(new ClientMessage { Hello = TestClient.AsGameServer() });
        var error = (await late.UntilClosedAsync()).Single().Error;
        (error.Code, error.Transient).ShouldBe((ErrorCodes.ShuttingDown, true));

        await holder.AskAsync(Requests.End("alice", opened.Session));
        await holder.CloseAsync();
        await waiter.CloseAsync();
        await late.CloseAsync();
        await draining.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_was_asked_before_the_close_is_answered_before_it()
    {
        await using var server = await TestServer.StartAsync(time: new VirtualTime());
        var client = await server.ConnectAsync();
        var stall = server.Faults.StallNext(StoreOperation.Append);
        var request = await client.RequestAsync(Requests.Unit(Requests.Set("alice", "gold", 1)));
        await client.SettleAsync();
        var draining = server.Streams.DrainAsync(CancellationToken.None);
        stall.Release();
        (await client.UntilClosedAsync()).ShouldContain(message => message.Request == request && message.UnitCommitted != null);
        await client.CloseAsync();
        await draining.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }
}
