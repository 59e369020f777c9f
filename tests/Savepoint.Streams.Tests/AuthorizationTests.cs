using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

public sealed class AuthorizationTests
{
    [Fact]
    public async Task A_player_may_read_its_own_entities()
    {
        await using var server = await TestServer.StartAsync();
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        (await player.AskAsync(Requests.Get("alice"))).Error?.Code.ShouldNotBe(ErrorCodes.Forbidden);
        var character = new ClientMessage { Get = new Get { Kind = "character", Id = "alice:1" } };
        (await player.AskAsync(character)).Error?.Code.ShouldNotBe(ErrorCodes.Forbidden);
    }

    [Theory]
    [InlineData("bob")]
    [InlineData("alice ")]
    [InlineData("Alice")]
    [InlineData("")]
    public async Task A_player_may_not_read_or_watch_what_is_anothers(string id)
    {
        await using var server = await TestServer.StartAsync();
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        var error = await player.RefusedAsync(Requests.Get(id));
        (error.Code, error.Kind, error.Id).ShouldBe((ErrorCodes.Forbidden, Requests.Kind, id));
        (await player.RefusedAsync(Requests.Watch(id))).Code.ShouldBe(ErrorCodes.Forbidden);
    }

    [Fact]
    public async Task A_player_may_not_change_even_its_own_profile()
    {
        await using var server = await TestServer.StartAsync();
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        foreach (var mutation in new[]
        {
            Requests.Set("alice", "gold", 1_000_000),
            Requests.Remove("alice"),
            Requests.Message("alice", 1),
            Requests.Restore("alice", 1),
            new Mutation { Kind = Requests.Kind, Id = "alice", Intent = new Intent { Name = "buy" } },
        })
        {
            var error = await player.RefusedAsync(Requests.Unit(mutation));
            (error.Code, error.Kind, error.Id).ShouldBe((ErrorCodes.Forbidden, Requests.Kind, "alice"));
        }

        (await server.ConnectAsync()).Welcome.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_player_may_see_its_profile_as_it_is_and_not_as_it_was()
    {
        await using var server = await TestServer.StartAsync();
        var gameServer = await server.ConnectAsync();
        await gameServer.CommitAsync(Requests.Set("alice", "gold", 1));
        await gameServer.CommitAsync(Requests.Set("alice", "gold", 2));
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        (await player.RefusedAsync(Requests.Get("alice", 1))).Code.ShouldBe(ErrorCodes.Forbidden);
        (await player.RefusedAsync(Requests.List("alice"))).Code.ShouldBe(ErrorCodes.Forbidden);
        (await player.AskAsync(Requests.Get("alice"))).Snapshot.Version.ShouldBe(2UL);
    }

    [Fact]
    public async Task A_player_may_hold_and_end_no_session()
    {
        await using var server = await TestServer.StartAsync();
        var gameServer = await server.ConnectAsync();
        var opened = await gameServer.OpenAsync("alice");
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        (await player.RefusedAsync(Requests.Open("alice"))).Code.ShouldBe(ErrorCodes.Forbidden);
        (await player.RefusedAsync(Requests.End("alice", opened.Session))).Code.ShouldBe(ErrorCodes.Forbidden);
    }

    [Fact]
    public async Task A_kind_that_does_not_exist_is_nobodys()
    {
        await using var server = await TestServer.StartAsync();
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        (await player.RefusedAsync(new ClientMessage { Get = new Get { Kind = "nonsense", Id = "alice" } })).Code.ShouldBe(ErrorCodes.Forbidden);
        var gameServer = await server.ConnectAsync();
        (await gameServer.RefusedAsync(new ClientMessage { Get = new Get { Kind = "nonsense", Id = "alice" } })).Code.ShouldBe(ErrorCodes.UnknownKind);
    }
}
