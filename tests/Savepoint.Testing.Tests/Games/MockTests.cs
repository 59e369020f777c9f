using Savepoint.Client;
using Savepoint.Documents;

namespace Savepoint.Testing.Tests;

/// <summary>P22: what a game's own tests need of the mock, written as games write their tests.</summary>
public sealed class MockTests
{
    private const string Kind = "profile";

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Versions_are_listed_read_and_rolled_back_to()
    {
        using var sim = await GameSimulation.EnterAsync();
        var store = (await sim.ConnectAsync("server-1")).Store<Player>(Kind);
        var ada = (await store.OpenSessionAsync("ada", cancellationToken: None)).ProfileOrThrow();
        var noon = sim.Time.GetUtcNow();
        foreach (var gold in new[] { 10, 20, 30 })
        {
            await sim.Delay(TimeSpan.FromHours(1));
            ada.Change(data => data.Gold = gold, $"quest:{gold}");
            await ada.SaveAsync(None);
        }

        (await ListAsync(store, VersionQuery.Default)).Select(version => (version.Version, version.Reason))
            .ShouldBe([(4, "quest:30"), (3, "quest:20"), (2, "quest:10"), (1, "")]);
        var late = new VersionQuery { From = noon + TimeSpan.FromHours(1.5), OldestFirst = true };
        (await ListAsync(store, late)).Select(version => version.Version).ShouldBe([3, 4]);
        (await store.ViewAsync("ada", 2, None))!.Data.Gold.ShouldBe(10);

        (await store.RollBackAsync("ada", 3, "ticket:1", cancellationToken: None)).ShouldBe(5);
        (await store.ViewAsync("ada", cancellationToken: None))!.Data.Gold.ShouldBe(20);
        (await ListAsync(store, VersionQuery.Default))[0].RestoredVersion.ShouldBe(3);
    }

    [Fact]
    public async Task Messages_wait_for_the_next_session_and_are_handled_once_whatever_crashes()
    {
        using var sim = await GameSimulation.EnterAsync();
        var shop = await sim.ConnectAsync("shop");
        await (await shop.Store<Player>(Kind).OpenSessionAsync("ada", cancellationToken: None)).ProfileOrThrow().EndSessionAsync(None);
        foreach (var gold in new[] { 5L, 7 })
            await shop.Store(Kind).SendMessageAsync("ada", new Document(new MapBuilder { ["gold"] = gold }.Build()), None);
        sim.CrashServer();
        await sim.RestartServerAsync();

        for (var visit = 0; visit < 2; visit++)
        {
            var server = await sim.ConnectAsync($"server-{visit}");
            var ada = (await server.Store<Player>(Kind).OpenSessionAsync("ada", cancellationToken: None)).ProfileOrThrow();
            ada.MessageHandler = message => ada.Data.Gold += message.Body.Get("gold").AsInt64();
            await ada.SaveAsync(None);
            ada.Data.Gold.ShouldBe(112);
            sim.Crash(server);
            await sim.Delay(TimeSpan.FromSeconds(40));
        }
    }

    [Fact]
    public async Task A_message_reaches_a_session_that_is_open()
    {
        using var sim = await GameSimulation.EnterAsync();
        var ada = (await (await sim.ConnectAsync("server-1")).Store<Player>(Kind).OpenSessionAsync("ada", cancellationToken: None)).ProfileOrThrow();
        var handled = new TaskCompletionSource<string>();
        ada.MessageHandler = message => handled.SetResult(message.Sender);
        await (await sim.ConnectAsync("shop")).Store(Kind).SendMessageAsync("ada", new Document(), None);
        (await handled.Task).ShouldBe("server:shop");
    }

    [Fact]
    public async Task A_session_is_held_handed_over_or_stolen()
    {
        using var sim = await GameSimulation.EnterAsync();
        var (first, second) = ((await sim.ConnectAsync("server-1")).Store<Player>(Kind), (await sim.ConnectAsync("server-2")).Store<Player>(Kind));
        var ada = (await first.OpenSessionAsync("ada", cancellationToken: None)).ProfileOrThrow();
        var ends = new List<(SessionEndReason, string?, bool)>();
        ada.SessionEnded += ended => ends.Add((ended.Reason, ended.Holder, ended.HadUnsavedChanges));

        var held = await second.OpenSessionAsync("ada", new SessionOptions { Conflict = SessionConflict.Fail }, None);
        held.ShouldBeOfType<SessionOpenResult<Player>.HeldElsewhere>().Holder.ShouldBe("server-1");

        ada.Data.Gold = 1;
        var stolen = (await second.OpenSessionAsync("ada", new SessionOptions { Conflict = SessionConflict.Steal }, None)).ProfileOrThrow();
        stolen.Data.Gold.ShouldBe(100);
        await sim.Delay(TimeSpan.FromSeconds(1));
        ends.ShouldBe([(SessionEndReason.Stolen, "server-2", true)]);
        Assert.Throws<SavepointException>(() => ada.Data.Gold = 2).Code.ShouldBe("session.lost");

        stolen.Data.Gold = 3;
        (await first.OpenSessionAsync("ada", cancellationToken: None)).ProfileOrThrow().Data.Gold.ShouldBe(3);
    }

    [Fact]
    public async Task A_players_client_sees_each_change_and_none_of_others()
    {
        using var sim = await GameSimulation.EnterAsync();
        var ada = (await (await sim.ConnectAsync("server-1")).Store<Player>(Kind).OpenSessionAsync("ada", cancellationToken: None)).ProfileOrThrow();
        var watched = await (await sim.ConnectPlayerAsync("ada")).Store<Player>(Kind).WatchAsync("ada", TimeSpan.Zero, None);
        var seen = new List<long>();
        watched.Data.GoldChanged += change => seen.Add(change.NewValue);
        for (var gold = 1; gold <= 3; gold++)
        {
            ada.Data.Gold = gold;
            await ada.SaveAsync(None);
        }

        await sim.Delay(TimeSpan.FromSeconds(1));
        seen.ShouldBe([1, 2, 3]);
        var other = await sim.ConnectPlayerAsync("bob");
        (await Assert.ThrowsAsync<SavepointException>(() => other.Store<Player>(Kind).WatchAsync("ada", cancellationToken: None))).Code.ShouldBe("auth.forbidden");
    }

    [Fact]
    public async Task A_day_goes_by_in_no_time()
    {
        using var sim = await GameSimulation.EnterAsync();
        var started = sim.Time.GetUtcNow();
        await sim.ConnectAsync("server-1");
        await sim.Delay(TimeSpan.FromHours(20));
        (sim.Time.GetUtcNow() - started).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(20));
    }

    [Fact]
    public async Task A_failed_assertion_fails_an_asynchronous_test()
    {
        var failure = await Record.ExceptionAsync(async () =>
        {
            using var sim = await GameSimulation.EnterAsync();
            await sim.ConnectAsync("server-1");
            Assert.Fail("as it should");
        });
        failure!.Message.ShouldBe("as it should");
    }

    private static async Task<List<ProfileVersion>> ListAsync(Store<Player> store, VersionQuery query)
    {
        var versions = new List<ProfileVersion>();
        await foreach (var version in store.ListVersionsAsync("ada", query, None))
            versions.Add(version);
        return versions;
    }
}
