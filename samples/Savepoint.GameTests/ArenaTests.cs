namespace Savepoint.GameTests;

public class ArenaTests
{
    [Fact]
    public void A_purchase_survives_a_crash() => GameSimulation.Run(async sim =>
    {
        var arena = await OpenArenaAsync(sim, "arena-1");
        var ada = await arena.EnterAsync("ada");
        await Arena.BuySwordAsync(ada);

        sim.CrashServer();
        await sim.RestartServerAsync();

        var saved = await ViewAsync(sim, "ada");
        Assert.Equal(20, saved.Gold);
        Assert.Equal(1, saved.Inventory["sword"]);
    });

    [Fact]
    public void Nobody_buys_what_they_can_not_pay() => GameSimulation.Run(async sim =>
    {
        var arena = await OpenArenaAsync(sim, "arena-1");
        var ada = await arena.EnterAsync("ada");
        await Arena.BuySwordAsync(ada);

        await Assert.ThrowsAsync<SavepointException>(() => Arena.BuySwordAsync(ada));
        Assert.Equal(20, ada.Data.Gold);
        Assert.Equal(1, ada.Data.Inventory["sword"]);
    });

    [Fact]
    public void A_hero_takes_everything_along_to_the_next_arena() => GameSimulation.Run(async sim =>
    {
        var first = await OpenArenaAsync(sim, "arena-1");
        var second = await OpenArenaAsync(sim, "arena-2");
        var before = await first.EnterAsync("ada");
        before.Data.Gold += 7;
        var ended = new TaskCompletionSource();
        before.SessionEnded += _ => ended.SetResult();

        var after = await second.EnterAsync("ada");

        Assert.Equal(107, after.Data.Gold);
        await ended.Task;
        Assert.False(before.IsActive);
    });

    [Fact]
    public void A_gift_waits_for_a_player_who_is_offline() => GameSimulation.Run(async sim =>
    {
        var arena = await OpenArenaAsync(sim, "arena-1");
        await (await arena.EnterAsync("ada")).EndSessionAsync();

        await arena.GiftAsync("ada", 30);
        await sim.Delay(TimeSpan.FromHours(1));

        var ada = await arena.EnterAsync("ada");
        await ada.SaveAsync();
        Assert.Equal(130, ada.Data.Gold);
    });

    [Fact]
    public async Task What_support_rolls_back_shows_in_the_arena()
    {
        using var sim = await GameSimulation.EnterAsync();
        var arena = await OpenArenaAsync(sim, "arena-1");
        var ada = await arena.EnterAsync("ada");
        var before = ada.Version;
        await Arena.BuySwordAsync(ada);
        await ada.EndSessionAsync();

        var support = (await sim.ConnectAsync("support")).Store<Hero>("profile");
        await support.RollBackAsync("ada", before, "ticket:17");

        Assert.Equal(100, (await arena.EnterAsync("ada")).Data.Gold);
    }

    [Fact]
    public async Task A_player_sees_the_purchase_on_the_screen()
    {
        using var sim = await GameSimulation.EnterAsync();
        var arena = await OpenArenaAsync(sim, "arena-1");
        var ada = await arena.EnterAsync("ada");
        var screen = await (await sim.ConnectPlayerAsync("ada")).Store<Hero>("profile").WatchAsync("ada", TimeSpan.Zero);

        await Arena.BuySwordAsync(ada);
        await sim.Delay(TimeSpan.FromSeconds(1));

        Assert.Equal(20, screen.Data.Gold);
    }

    [Fact]
    public void Rage_lasts_five_minutes() => GameSimulation.Run(async sim =>
    {
        var arena = await OpenArenaAsync(sim, "arena-1");
        var ada = await arena.EnterAsync("ada");
        arena.Rage(ada);

        await sim.Delay(TimeSpan.FromMinutes(4.9));
        Assert.Equal(20, arena.Damage(ada));
        await sim.Delay(TimeSpan.FromMinutes(0.2));
        Assert.Equal(10, arena.Damage(ada));
    });

    private static async Task<Arena> OpenArenaAsync(GameSimulation sim, string name) => new(await sim.ConnectAsync(name), sim.Time);

    private static async Task<Hero> ViewAsync(GameSimulation sim, string player)
    {
        var client = await sim.ConnectAsync("support");
        return (await client.Store<Hero>("profile").ViewAsync(player))!.Data;
    }
}
