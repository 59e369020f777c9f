using Savepoint.Client;

namespace Savepoint.Testing.Tests;

public sealed class GameSimulationTests
{
    [Fact]
    public void What_was_saved_survives_a_crash_of_the_server() => GameSimulation.Run(async sim =>
    {
        var client = await sim.ConnectAsync("server-1");
        var ada = await OpenAsync(client, "ada");
        ada.Data.Gold += 50;
        await ada.SaveAsync();
        sim.CrashServer();
        sim.IsServerRunning.ShouldBeFalse();
        ada.Data.Title = "Survivor";
        await sim.Delay(TimeSpan.FromSeconds(5));
        await sim.RestartServerAsync();
        await ada.EndSessionAsync();
        var view = await client.Store<Player>("profile").ViewAsync("ada");
        (view!.Data.Gold, view.Data.Title).ShouldBe((150, "Survivor"));
    });

    [Fact]
    public void A_stop_in_good_order_lets_clients_save() => GameSimulation.Run(async sim =>
    {
        var client = await sim.ConnectAsync("server-1");
        var ada = await OpenAsync(client, "ada");
        ada.Data.Gold += 50;
        await sim.RestartServerAsync();
        (await client.Store<Player>("profile").ViewAsync("ada"))!.Data.Gold.ShouldBe(150);
        ada.IsActive.ShouldBeTrue();
        await ada.SaveAsync();
    });

    [Fact]
    public void Old_versions_can_be_read() => GameSimulation.Run(async sim =>
    {
        var client = await sim.ConnectAsync("server-1");
        var ada = await OpenAsync(client, "ada");
        ada.Data.Gold = 1;
        var version = await ada.SaveAsync();
        ada.Data.Gold = 2;
        await ada.SaveAsync();
        (await client.Store<Player>("profile").ViewAsync("ada", version))!.Data.Gold.ShouldBe(1);
    });

    [Fact]
    public void A_crashed_game_server_loses_what_it_had_not_saved_and_its_lease_runs_out() => GameSimulation.Run(async sim =>
    {
        var first = await sim.ConnectAsync("server-1");
        var second = await sim.ConnectAsync("server-2");
        var ada = await OpenAsync(first, "ada");
        ada.Data.Gold += 50;
        await ada.SaveAsync();
        ada.Data.Gold += 1000;
        sim.Crash(first);
        var start = sim.Time.GetUtcNow();
        (await OpenAsync(second, "ada")).Data.Gold.ShouldBe(150);
        (sim.Time.GetUtcNow() - start).ShouldBeInRange(TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(35));
    });

    [Fact]
    public void A_paused_game_server_comes_back_without_its_session() => GameSimulation.Run(async sim =>
    {
        var first = await sim.ConnectAsync("server-1");
        var second = await sim.ConnectAsync("server-2");
        var ada = await OpenAsync(first, "ada");
        var ended = new List<SessionEndReason>();
        ada.SessionEnded += info => ended.Add(info.Reason);
        sim.Pause(first);
        var stolen = await second.Store<Player>("profile").OpenSessionAsync("ada", new SessionOptions { Conflict = SessionConflict.Steal });
        stolen.ProfileOrThrow().Data.Gold.ShouldBe(100);
        sim.Resume(first);
        await sim.Delay(TimeSpan.FromSeconds(1));
        ended.ShouldBe([SessionEndReason.Stolen]);
    });

    [Fact]
    public void A_player_watches_its_own_profile() => GameSimulation.Run(async sim =>
    {
        var player = await sim.ConnectPlayerAsync("ada");
        var ada = await OpenAsync(await sim.ConnectAsync("server-1"), "ada");
        var watched = await player.Store<Player>("profile").WatchAsync("ada", TimeSpan.Zero);
        ada.Data.Gold += 11;
        await ada.SaveAsync();
        sim.BreakConnections();
        await sim.Delay(TimeSpan.FromSeconds(5));
        watched.Data.Gold.ShouldBe(111);
        await Assert.ThrowsAsync<SavepointException>(() => player.Store<Player>("profile").ViewAsync("bob", cancellationToken: CancellationToken.None));
    });

    [Fact]
    public void A_client_shuts_down_in_good_order() => GameSimulation.Run(async sim =>
    {
        var client = await sim.ConnectAsync("server-1");
        var ada = await OpenAsync(client, "ada");
        var bob = await OpenAsync(client, "bob");
        (ada.Data.Gold, bob.Data.Gold) = (7, 8);
        await client.ShutdownAsync();
        var store = (await sim.ConnectAsync("server-2")).Store<Player>("profile");
        ((await store.ViewAsync("ada"))!.Data.Gold, (await store.ViewAsync("bob", cancellationToken: CancellationToken.None))!.Data.Gold).ShouldBe((7, 8));
    });

    [Fact]
    public void What_a_handler_throws_can_be_seen() => GameSimulation.Run(async sim =>
    {
        var ada = await OpenAsync(await sim.ConnectAsync("server-1"), "ada");
        ada.Saved += _ => throw new InvalidTimeZoneException();
        ada.Data.Gold++;
        await ada.SaveAsync();
        await sim.Delay(TimeSpan.FromSeconds(1));
        sim.HandlerFailures.Single().ShouldBeOfType<InvalidTimeZoneException>();
    });

    [Fact]
    public void A_failed_assertion_fails_the_test() =>
        Should.Throw<ShouldAssertException>(() => GameSimulation.Run(async sim =>
        {
            var ada = await OpenAsync(await sim.ConnectAsync("server-1"), "ada");
            ada.Data.Gold.ShouldBe(1);
        }));

    private static async Task<Profile<Player>> OpenAsync(SavepointClient client, string id) =>
        (await client.Store<Player>("profile").OpenSessionAsync(id)).ProfileOrThrow();
}
