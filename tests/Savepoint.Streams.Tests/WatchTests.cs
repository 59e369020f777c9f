using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

public sealed class WatchTests
{
    [Fact]
    public async Task A_watcher_gets_a_snapshot_and_then_every_change_in_order()
    {
        await using var server = await TestServer.StartAsync();
        var writer = await server.ConnectAsync();
        var watcher = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        await writer.CommitAsync(Requests.Set("alice", "gold", 1));

        var watch = await watcher.RequestAsync(Requests.Watch("alice"));
        var snapshot = (await watcher.AnswerAsync(watch)).Snapshot;
        (snapshot.Version, Requests.Number(snapshot.Document, "gold")).ShouldBe((1UL, 1L));

        for (var i = 2; i <= 20; i++)
            await writer.CommitAsync(Requests.Set("alice", "gold", i));
        for (var version = 2UL; version <= 20; version++)
        {
            var change = (await watcher.NextAsync()).Change;
            (change.Watch, change.Version, change.Delta.IsEmpty).ShouldBe((watch, version, false));
        }
    }

    [Fact]
    public async Task Watching_what_does_not_exist_yields_version_0_and_then_its_creation()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var other = await server.ConnectAsync();
        (await client.AskAsync(Requests.Watch("alice"))).Snapshot.Version.ShouldBe(0UL);
        await other.CommitAsync(Requests.Set("alice", "gold", 1));
        (await client.NextAsync()).Change.Version.ShouldBe(1UL);
    }

    [Fact]
    public async Task Own_changes_come_back_without_their_delta()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.AskAsync(Requests.Watch("alice"));
        var request = await client.RequestAsync(Requests.Unit(Requests.Set("bob", "gold", 1), Requests.Set("alice", "gold", 1)));
        var change = (await client.NextAsync(message => message.Change is not null)).Change;
        (change.OwnRequest, change.OwnMutation, change.Delta.IsEmpty).ShouldBe((request, 1u, true));
    }

    [Fact]
    public async Task Changes_are_gathered_for_as_long_as_the_watcher_wants()
    {
        var time = new VirtualTime();
        await using var server = await TestServer.StartAsync(time: time);
        var writer = await server.ConnectAsync();
        var watcher = await server.ConnectAsync();
        await watcher.AskAsync(Requests.Watch("alice", coalesceMs: 200));
        for (var i = 1; i <= 5; i++)
            await writer.CommitAsync(Requests.Set("alice", "gold", i));

        time.Advance(TimeSpan.FromMilliseconds(199));
        (await watcher.SettleAsync()).ShouldNotContain(message => message.Change != null);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await watcher.NextAsync(message => message.Change?.Version == 5);
        watcher.Received.Where(message => message.Change is not null).Select(message => message.Change.Version).ShouldBe([1UL, 2, 3, 4, 5]);
    }

    [Fact]
    public async Task Changes_are_gathered_for_a_second_by_default()
    {
        var time = new VirtualTime();
        await using var server = await TestServer.StartAsync(time: time);
        var writer = await server.ConnectAsync();
        var watcher = await server.ConnectAsync();
        await watcher.AskAsync(Requests.Watch("alice", coalesceMs: null));
        await writer.CommitAsync(Requests.Set("alice", "gold", 1));
        time.Advance(TimeSpan.FromMilliseconds(999));
        (await watcher.SettleAsync()).ShouldNotContain(message => message.Change != null);
        time.Advance(TimeSpan.FromMilliseconds(1));
        (await watcher.NextAsync(message => message.Change is not null)).Change.Version.ShouldBe(1UL);
    }

    [Fact]
    public async Task Gathered_changes_beyond_the_limit_fold_into_a_snapshot()
    {
        var time = new VirtualTime();
        await using var server = await TestServer.StartAsync(new StreamOptions { MaxGatheredBytes = 1_024 }, time);
        var writer = await server.ConnectAsync();
        var watcher = await server.ConnectAsync();
        var watch = await watcher.RequestAsync(Requests.Watch("alice", coalesceMs: 1_000));
        await watcher.AnswerAsync(watch);
        for (var i = 1; i <= 1_000; i++)
            await writer.CommitAsync(Requests.Set("alice", "gold", i));

        time.Advance(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));
        var state = new Follower(watch);
        while (state.Version < 1_000)
        {
            state.Take(await watcher.NextAsync());
            time.Advance(TimeSpan.FromSeconds(1));
        }

        state.Snapshots.ShouldBeGreaterThan(0);
        state.Number("gold").ShouldBe(1_000);
    }

    [Fact]
    public async Task A_client_that_does_not_read_gets_a_snapshot_in_place_of_what_it_missed_and_no_gap()
    {
        await using var server = await TestServer.StartAsync(new StreamOptions { MaxQueuedBytes = 4_096, MaxBatchBytes = 1_024, MaxGatheredBytes = 1_024 });
        var writer = await server.ConnectAsync();
        var watcher = await server.ConnectAsync();
        var watch = await watcher.RequestAsync(Requests.Watch("alice"));
        await watcher.AnswerAsync(watch);

        // Far more than the duplex and the outbox hold together.
        for (var i = 1; i <= 5_000; i++)
            await writer.CommitAsync(Requests.Set("alice", "gold", i));

        var state = new Follower(watch);
        while (state.Version < 5_000)
            state.Take(await watcher.NextAsync());
        state.Snapshots.ShouldBeGreaterThan(0);
        state.Number("gold").ShouldBe(5_000);
    }

    [Fact]
    public async Task A_watch_resumes_from_a_version_that_is_still_the_present_one()
    {
        await using var server = await TestServer.StartAsync();
        var writer = await server.ConnectAsync();
        await writer.CommitAsync(Requests.Set("alice", "gold", 1));
        var first = await server.ConnectAsync();
        await first.AskAsync(Requests.Watch("alice"));

        var watcher = await server.ConnectAsync();
        var answer = await watcher.AskAsync(Requests.Watch("alice", fromVersion: 1));
        answer.WatchResumed.ShouldNotBeNull(answer.ToString());
        answer.WatchResumed.Version.ShouldBe(1UL);
        await writer.CommitAsync(Requests.Set("alice", "gold", 2));
        (await watcher.NextAsync()).Change.Version.ShouldBe(2UL);
    }

    [Fact]
    public async Task After_Unwatch_no_changes_come()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var writer = await server.ConnectAsync();
        var watch = await client.RequestAsync(Requests.Watch("alice"));
        await client.AnswerAsync(watch);
        (await client.AskAsync(Requests.Unwatch(watch))).Unwatched.ShouldNotBeNull();
        await writer.CommitAsync(Requests.Set("alice", "gold", 1));
        (await client.SettleAsync()).ShouldNotContain(message => message.Change != null);
    }

    [Fact]
    public async Task Unwatching_what_is_not_watched_is_no_error()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        (await client.AskAsync(Requests.Unwatch(99))).Unwatched.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_player_may_have_so_many_watches_and_no_more()
    {
        await using var server = await TestServer.StartAsync(new StreamOptions { MaxWatchesPerPlayer = 2 });
        var client = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        await client.AskAsync(Requests.Watch("alice"));
        await client.AskAsync(Requests.Watch("alice"));
        (await client.RefusedAsync(Requests.Watch("alice"))).Code.ShouldBe(ErrorCodes.Overloaded);
    }

    [Fact]
    public async Task A_lost_watcher_joins_again_without_a_gap()
    {
        await using var server = await TestServer.StartAsync();
        var writer = await server.ConnectAsync();
        var watcher = await server.ConnectAsync();
        await writer.CommitAsync(Requests.Set("alice", "gold", 1));
        var watch = await watcher.RequestAsync(Requests.Watch("alice"));
        var state = new Follower(watch);
        state.Take(await watcher.AnswerAsync(watch));

        // A commit that fails for good makes the engine drop what was built on it.
        server.Faults.FailNext(StoreOperation.Append, isTransient: false);
        await writer.AskAsync(Requests.Unit(Requests.Set("alice", "gold", 2)));
        ServerMessage answer;
        do
            answer = await writer.AskAsync(Requests.Unit(Requests.Set("alice", "gold", 3)));
        while (answer.Error is { Transient: true });
        var version = answer.UnitCommitted.Versions[0];
        while (state.Version < version)
            state.Take(await watcher.NextAsync());
        state.Number("gold").ShouldBe(3);
    }
}
