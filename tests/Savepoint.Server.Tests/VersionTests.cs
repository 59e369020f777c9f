using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Protocol;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests;

/// <summary>P18 by the SDK, against the real server.</summary>
public sealed class VersionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Versions_are_listed_in_any_order_and_range()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        await using var client = await ConnectAsync(server, "eu-1");
        var store = client.Store("profile");
        for (var i = 1; i <= 12; i++)
            await SetAsync(client, i);
        (await ListAsync(store)).ShouldBe([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
        (await ListAsync(store, new VersionQuery { OldestFirst = true, PageSize = 5 })).ShouldBe([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        (await ListAsync(store, new VersionQuery { FromVersion = 4, ToVersion = 8, PageSize = 2 })).ShouldBe([8, 7, 6, 5, 4]);
        (await ListAsync(store, new VersionQuery { From = DateTimeOffset.UtcNow.AddHours(1) })).ShouldBeEmpty();
        (await ListAsync(store, new VersionQuery { Until = DateTimeOffset.UtcNow.AddHours(1) })).Count.ShouldBe(12);

        await foreach (var version in store.ListVersionsAsync("alice", cancellationToken: Cancelled))
        {
            (version.Version, version.Reason, version.Actor, version.IsReadable).ShouldBe((12, "quest:12", "server:eu-1", true));
            break;
        }
    }

    [Fact]
    public async Task A_rollback_brings_an_old_version_back_as_a_new_one()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        await using var client = await ConnectAsync(server, "eu-1");
        var store = client.Store("profile");
        await using var watched = await store.WatchAsync("alice", TimeSpan.Zero, Cancelled);
        for (var i = 1; i <= 3; i++)
            await SetAsync(client, i);
        (await store.RollBackAsync("alice", 2, "ticket:9", expectedVersion: 3, Cancelled)).ShouldBe(4);
        (await store.ViewAsync("alice", cancellationToken: Cancelled))!["gold"].AsInt64().ShouldBe(2);
        (await store.ViewAsync("alice", 3, Cancelled))!["gold"].AsInt64().ShouldBe(3);
        await UntilAsync(watched, 2);

        (await store.RemoveAsync("alice", cancellationToken: Cancelled)).ShouldBe(5);
        (await store.RollBackAsync("alice", 1, expectedVersion: 0, cancellationToken: Cancelled)).ShouldBe(6);
        await UntilAsync(watched, 1);
        (await store.RollBackAsync("alice", 5, cancellationToken: Cancelled)).ShouldBe(7);
        (await store.ViewAsync("alice", cancellationToken: Cancelled)).ShouldBeNull();

        var versions = new List<ProfileVersion>();
        await foreach (var version in store.ListVersionsAsync("alice", cancellationToken: Cancelled))
            versions.Add(version);
        versions.Select(version => version.RestoredVersion).ShouldBe([5, 1, null, 2, null, null, null]);
        versions.Select(version => version.IsRemoval).ShouldBe([true, false, true, false, false, false, false]);
        versions[3].Reason.ShouldBe("ticket:9");
    }

    [Fact]
    public async Task The_holder_of_the_session_rolls_back_and_its_data_follow()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        await using var client = await ConnectAsync(server, "eu-1");
        await using var support = await ConnectAsync(server, "support");
        for (var i = 1; i <= 3; i++)
            await SetAsync(client, i);
        var profile = (await client.Store("profile").OpenSessionAsync("alice", cancellationToken: Cancelled)).ProfileOrThrow();
        var refused = await Should.ThrowAsync<SavepointException>(() => support.Store("profile").RollBackAsync("alice", 1, cancellationToken: Cancelled));
        (refused.Code, refused.Outcome).ShouldBe((ErrorCodes.SessionRequired, RequestOutcome.NotApplied));

        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        profile.Changed += _ =>
        {
            if (profile["gold"] == 1L)
                seen.TrySetResult();
        };
        await client.Store("profile").RollBackAsync("alice", 1, cancellationToken: Cancelled);
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        profile.Increment("gold", 10);
        await profile.SaveAsync(Cancelled);
        (await support.Store("profile").ViewAsync("alice", cancellationToken: Cancelled))!["gold"].AsInt64().ShouldBe(11);
        await profile.EndSessionAsync(Cancelled);
    }

    [Fact]
    public async Task Support_staff_steals_the_session_and_rolls_back()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        await using var client = await ConnectAsync(server, "eu-1");
        await using var support = await ConnectAsync(server, "support");
        for (var i = 1; i <= 2; i++)
            await SetAsync(client, i);
        (await client.Store("profile").OpenSessionAsync("alice", cancellationToken: Cancelled)).ProfileOrThrow();
        var stolen = await support.Store("profile").OpenSessionAsync("alice", new SessionOptions { Conflict = SessionConflict.Steal }, Cancelled);
        (await support.Store("profile").RollBackAsync("alice", 1, "ticket:9", cancellationToken: Cancelled)).ShouldBe(3);
        await stolen.ProfileOrThrow().EndSessionAsync(Cancelled);
        (await support.Store("profile").ViewAsync("alice", cancellationToken: Cancelled))!["gold"].AsInt64().ShouldBe(1);
    }

    [Fact]
    public async Task What_is_not_there_is_refused_with_a_stable_code()
    {
        await using var server = await RunningServer.StartAsync(null, "--dev");
        await using var client = await ConnectAsync(server, "eu-1");
        await SetAsync(client, 1);
        var store = client.Store("profile");
        (await Should.ThrowAsync<SavepointException>(() => store.RollBackAsync("alice", 7, cancellationToken: Cancelled))).Code.ShouldBe(ErrorCodes.VersionNotFound);
        (await Should.ThrowAsync<SavepointException>(() => store.RollBackAsync("alice", 1, expectedVersion: 5, cancellationToken: Cancelled))).Code
            .ShouldBe(ErrorCodes.VersionMismatch);
        (await Should.ThrowAsync<SavepointException>(async () => await ListAsync(store, id: "nobody"))).Code.ShouldBe(ErrorCodes.NotFound);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => store.RollBackAsync("alice", 0, cancellationToken: Cancelled));
        await Should.ThrowAsync<ArgumentException>(async () => await ListAsync(store, new VersionQuery { PageSize = 1_001 }));
    }

    private static async Task<List<long>> ListAsync(Store<Untyped> store, VersionQuery? query = null, string id = "alice")
    {
        var listed = new List<long>();
        await foreach (var version in store.ListVersionsAsync(id, query, Cancelled))
            listed.Add(version.Version);
        return listed;
    }

    private static Task<IReadOnlyList<long>> SetAsync(SavepointClient client, long gold) => client.TransactAsync(
        unit => unit.Change("profile", "alice", delta => delta.Set("gold", gold)), $"quest:{gold}", Cancelled);

    private static async Task UntilAsync(WatchedProfile<Untyped> watched, long gold)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watched.Changed += _ => Look();
        Look();
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);

        void Look()
        {
            if (watched["gold"] == gold)
                seen.TrySetResult();
        }
    }

    private static Task<SavepointClient> ConnectAsync(RunningServer server, string name) => SavepointClient.ConnectAsync(
        new SavepointClientOptions { Endpoint = server.StreamAddress, Credentials = new GameServerCredentials(name, TestClient.Secret) }, Cancelled);
}
