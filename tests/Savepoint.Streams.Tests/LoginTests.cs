using Savepoint.Engine.Kinds;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Streams.Tests;

/// <summary>A player's connection lasts as long as the login session that it began with.</summary>
public sealed class LoginTests
{
    private static readonly Kind Writable = new() { Name = Requests.Kind, Access = new KindAccess { Paths = [new PathRule(Path.Root) { Writers = AccessRoles.All }] } };

    [Fact]
    public async Task A_login_session_that_has_ended_lets_nobody_in()
    {
        await using var server = await TestServer.StartAsync();
        server.Logins.End("phone");
        await RefusedAsync(server, TestClient.AsPlayer("alice@phone"), ErrorCodes.Unauthenticated, isTransient: false);
        await server.ConnectAsync(TestClient.AsPlayer("alice@tablet"));
    }

    [Fact]
    public async Task Where_nobody_can_say_whether_it_is_open_nobody_gets_in_and_may_try_again()
    {
        await using var server = await TestServer.StartAsync();
        server.Logins.IsUnavailable = true;
        await RefusedAsync(server, TestClient.AsPlayer("alice@phone"), ErrorCodes.Unavailable, isTransient: true);
        await server.ConnectAsync(TestClient.AsGameServer());
    }

    [Fact]
    public async Task A_connection_ends_with_its_login_session_and_those_of_others_go_on()
    {
        await using var server = await TestServer.StartAsync();
        var phone = await server.ConnectAsync(TestClient.AsPlayer("alice@phone"));
        var tablet = await server.ConnectAsync(TestClient.AsPlayer("alice@tablet"));
        var studio = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        server.Logins.End("phone");
        var last = (await phone.UntilClosedAsync())[^1].Error;
        last.Code.ShouldBe(ErrorCodes.LoginEnded);
        last.Transient.ShouldBeFalse();
        await tablet.SettleAsync();
        await studio.SettleAsync();
    }

    [Fact]
    public async Task What_is_sent_after_the_end_is_not_done()
    {
        // Time stands still: the connection would be dropped after a while, and nothing could be sent over it.
        await using var server = await TestServer.StartAsync(time: new VirtualTime(), kinds: Writable);
        var phone = await server.ConnectAsync(TestClient.AsPlayer("alice@phone"));
        (await phone.CommitAsync(Requests.Add("alice", "gold", 1))).ShouldBe(1ul);
        server.Logins.End("phone");
        await phone.RequestAsync(Requests.Unit(Requests.Add("alice", "gold", 1)));
        (await phone.UntilClosedAsync())[^1].Error.Code.ShouldBe(ErrorCodes.LoginEnded);
        var game = await server.ConnectAsync();
        (await game.CommitAsync(Requests.Add("alice", "gold", 1))).ShouldBe(2ul);
    }

    [Fact]
    public async Task An_end_between_the_check_and_the_first_request_is_seen()
    {
        await using var server = await TestServer.StartAsync(kinds: Writable);
        server.Logins.EndsAfterCheck = "phone";
        var phone = server.Connect();
        await phone.SendAsync(
            new ClientMessage { Hello = TestClient.AsPlayer("alice@phone") },
            new ClientMessage { Request = 1, Unit = Requests.Unit(Requests.Add("alice", "gold", 1)).Unit });
        (await phone.UntilClosedAsync())[^1].Error.Code.ShouldBe(ErrorCodes.LoginEnded);
        var game = await server.ConnectAsync();
        (await game.CommitAsync(Requests.Add("alice", "gold", 1))).ShouldBe(1ul);
    }

    [Fact]
    public async Task A_connection_that_has_ended_watches_no_more()
    {
        await using var server = await TestServer.StartAsync();
        var phone = await server.ConnectAsync(TestClient.AsPlayer("alice@phone"));
        server.Logins.Watched.ShouldBe(1);
        await phone.CloseAsync();
        server.Logins.Watched.ShouldBe(0);
    }

    private static async Task RefusedAsync(TestServer server, Hello hello, string code, bool isTransient)
    {
        var client = server.Connect();
        var error = (await client.HelloAsync(hello)).Error;
        (error.Code, error.Transient).ShouldBe((code, isTransient));
        (await client.UntilClosedAsync()).Count.ShouldBe(1);
    }
}
