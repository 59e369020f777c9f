namespace Savepoint.EndToEnd;

/// <summary>A round on samples/DedicatedServer, in processes of its own, against a real server.</summary>
public class DedicatedServerTests
{
    [Fact]
    public async Task Heroes_shop_trade_get_gifts_hop_between_game_servers_and_are_saved_when_these_go_down()
    {
        await using var server = await TestServer.StartAsync();
        await using var first = await GameServerConsole.OpenAsync(server, "dungeon-1");
        await using var second = await GameServerConsole.OpenAsync(server, "dungeon-2");

        (await first.AskAsync("join ada")).ShouldBe("ada joined: 100 gold, visit 1");
        (await first.AskAsync("join bob")).ShouldBe("bob joined: 100 gold, visit 1");
        (await first.AskAsync("buy ada sword 80")).ShouldBe("ada bought a sword");
        (await first.AskAsync("buy ada sword 80")).ShouldBe("ada can't pay 80");
        (await first.AskAsync("buy ada sword -80")).ShouldStartWith("no: A price is positive.");
        (await first.AskAsync("order ada 4711 1000")).ShouldBe("order 4711: Granted");
        (await first.AskAsync("order ada 4711 1000")).ShouldBe("order 4711: AlreadyGranted");
        (await first.AskAsync("trade ada bob sword 50")).ShouldBe("bob has the sword");
        (await first.AskAsync("trade ada bob sword 50")).ShouldStartWith("no: document.out_of_bounds");
        (await first.AskAsync("leave bob")).ShouldBe("bob left");
        (await first.AskAsync("who")).ShouldBe("ada: 1070 gold, visit 1, 0 sword");

        // The gift waits for bob, who comes to the other server.
        (await first.AskAsync("gift ada bob 70")).ShouldBe("ada gave bob 70 gold");
        new[] { await second.AskAsync("join bob"), await second.HearAsync() }.Order(StringComparer.Ordinal)
            .ShouldBe(["bob got 70 gold", "bob joined: 120 gold, visit 2, 1 sword"], ignoreOrder: true);

        (await second.AskAsync("join ada")).ShouldBe("ada joined: 1000 gold, visit 2, 0 sword");
        (await first.HearAsync()).ShouldBe("ada was kicked: Ended");
        (await first.AskAsync("leave ada")).ShouldBe("ada left");

        (await first.TerminateAsync()).ShouldBe(0);
        (await second.TerminateAsync()).ShouldBe(0);
        await using var reader = await server.ConnectAsync("reader");
        foreach (var (hero, gold, visits) in new[] { ("ada", 1000, 2), ("bob", 120, 2) })
        {
            var view = await reader.Store("profile").ViewAsync(hero, cancellationToken: TestContext.Current.CancellationToken);
            (view!["gold"].AsInt64(), view["visits"].AsInt64()).ShouldBe((gold, visits), hero);
            view["$users"].AsMap().Select(user => user.Key).ShouldBe([hero]);
        }
    }
}
