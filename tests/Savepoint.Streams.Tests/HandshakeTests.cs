using Google.Protobuf;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

public sealed class HandshakeTests
{
    [Fact]
    public async Task A_game_server_with_the_secret_is_welcome()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        client.Welcome.Writer.Length.ShouldBe(16);
        client.Welcome.Database.ToByteArray().ShouldBe(server.Engine.DatabaseId.ToByteArray(bigEndian: true));
        client.Welcome.Window.ShouldBe(4_096u);
        client.Welcome.SessionLeaseMs.ShouldBe(30_000u);
        client.Welcome.MaxFrameBytes.ShouldBe(4u << 20);
    }

    [Theory]
    [InlineData("a-secret-for-tests-onlx")]
    [InlineData("")]
    [InlineData("a-secret-for-tests-only ")]
    public async Task A_wrong_secret_is_refused_and_the_connection_closed(string secret)
    {
        await using var server = await TestServer.StartAsync();
        await RefusedAsync(server, new Hello { GameServer = new GameServerCredentials { Name = "x", Secret = secret } }, ErrorCodes.Unauthenticated);
    }

    [Fact]
    public async Task A_token_that_nobody_issued_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        await RefusedAsync(server, new Hello { PlayerToken = "nonsense" }, ErrorCodes.Unauthenticated);
    }

    [Fact]
    public async Task Hello_without_credentials_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        await RefusedAsync(server, new Hello(), ErrorCodes.Unauthenticated);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task A_game_server_needs_a_plain_name(string name)
    {
        await using var server = await TestServer.StartAsync();
        await RefusedAsync(server, TestClient.AsGameServer(name), ErrorCodes.Unauthenticated);
    }

    [Fact]
    public async Task Anything_before_Hello_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.Connect();
        await client.SendAsync(new ClientMessage { Request = 1, Get = new Get { Kind = "profile", Id = "alice" } });
        (await client.UntilClosedAsync()).Single().Error.Code.ShouldBe(ErrorCodes.MalformedFrame);
    }

    [Fact]
    public async Task A_second_Hello_ends_the_connection()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.SendAsync(new ClientMessage { Hello = TestClient.AsGameServer() });
        (await client.UntilClosedAsync())[^1].Error.Code.ShouldBe(ErrorCodes.MalformedFrame);
    }

    [Fact]
    public async Task Requests_may_come_in_the_same_frame_as_Hello()
    {
        await using var server = await TestServer.StartAsync();
        var client = server.Connect();
        await client.SendAsync(
            new ClientMessage { Hello = TestClient.AsGameServer() },
            new ClientMessage { Request = 1, Unit = Requests.Unit(Requests.Set("alice", "gold", 5)).Unit });
        (await client.NextAsync()).Welcome.ShouldNotBeNull();
        (await client.AnswerAsync(1)).UnitCommitted.Versions.ShouldBe([1UL]);
    }

    [Fact]
    public async Task Who_says_nothing_is_disconnected_after_a_while()
    {
        await using var server = await TestServer.StartAsync(new StreamOptions { HelloTimeout = TimeSpan.FromMilliseconds(50) });
        var client = server.Connect();
        await client.Serving.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_writer_goes_on_after_a_reconnect()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.ConnectAsync();
        await first.CloseAsync();

        var hello = TestClient.AsGameServer();
        (hello.Writer, hello.Database, hello.IdleMs) = (first.Welcome.Writer, first.Welcome.Database, 1_000);
        var second = await server.ConnectAsync(hello);
        second.Welcome.Writer.ShouldBe(first.Welcome.Writer);
    }

    [Fact]
    public async Task Two_connections_get_two_writers()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.ConnectAsync();
        var second = await server.ConnectAsync();
        second.Welcome.Writer.ShouldNotBe(first.Welcome.Writer);
    }

    [Fact]
    public async Task A_writer_that_was_away_for_too_long_may_not_go_on()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.ConnectAsync();
        var hello = TestClient.AsGameServer();
        (hello.Writer, hello.IdleMs) = (first.Welcome.Writer, 9 * 60_000);
        await RefusedAsync(server, hello, ErrorCodes.WriterExpired);
    }

    [Fact]
    public async Task Nobody_else_can_go_on_as_a_writer()
    {
        await using var server = await TestServer.StartAsync();
        var owner = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        var thief = TestClient.AsPlayer("mallory");
        thief.Writer = owner.Welcome.Writer;
        await RefusedAsync(server, thief, ErrorCodes.Forbidden);
    }

    [Fact]
    public async Task A_writer_can_not_be_made_up()
    {
        await using var server = await TestServer.StartAsync();
        var hello = TestClient.AsGameServer();
        hello.Writer = ByteString.CopyFrom(new byte[16]);
        await RefusedAsync(server, hello, ErrorCodes.Forbidden);
        hello.Writer = ByteString.CopyFrom(new byte[15]);
        await RefusedAsync(server, hello, ErrorCodes.InvalidRequest);
    }

    [Fact]
    public async Task A_writer_of_another_database_begins_anew()
    {
        await using var server = await TestServer.StartAsync();
        var hello = TestClient.AsGameServer();
        (hello.Writer, hello.Database) = (ByteString.CopyFrom(new byte[16]), ByteString.CopyFrom(new byte[16]));
        var client = await server.ConnectAsync(hello);
        client.Welcome.Writer.ShouldNotBe(hello.Writer);
    }

    [Fact]
    public async Task A_resumed_writer_ends_its_former_connection()
    {
        await using var server = await TestServer.StartAsync();
        var former = await server.ConnectAsync();
        var hello = TestClient.AsGameServer();
        hello.Writer = former.Welcome.Writer;
        await server.ConnectAsync(hello);
        await former.Serving.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    private static async Task RefusedAsync(TestServer server, Hello hello, string code)
    {
        var client = server.Connect();
        await client.SendAsync(new ClientMessage { Hello = hello });
        (await client.UntilClosedAsync()).Single().Error.Code.ShouldBe(code);
    }
}
