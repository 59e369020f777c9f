using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

/// <summary>P18 over the protocol: versions are listed, read and brought back.</summary>
public sealed class VersionTests
{
    [Fact]
    public async Task Versions_are_listed_with_what_is_known_of_them()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 1;
        var unit = Requests.Unit(Requests.Set("alice", "gold", 1));
        unit.Unit.Reason = "quest:dragon";
        await client.AskAsync(unit);
        await client.CommitAsync(Requests.Remove("alice"));
        await client.CommitAsync(Requests.Restore("alice", 1));

        var list = (await client.AskAsync(Requests.List("alice"))).VersionList;
        list.Next.ShouldBeNull();
        list.Versions.Select(version => version.Version).ShouldBe([3UL, 2UL, 1UL]);
        list.Versions.ShouldAllBe(version => version.Readable && version.HasRecord && version.AtUnixMs > before);
        list.Versions.Select(version => version.Removed).ShouldBe([false, true, false]);
        (list.Versions[0].EventType, list.Versions[0].RestoredVersion).ShouldBe(("rollback:1", 1UL));
        list.Versions[2].Reason.ShouldBe("quest:dragon");
        list.Versions[2].Actor.ShouldStartWith("server:");
        list.Versions[2].DeltaBytes.ShouldBeGreaterThan(0U);
    }

    [Fact]
    public async Task A_page_says_where_the_next_begins()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        for (var i = 1; i <= 10; i++)
            await client.CommitAsync(Requests.Set("alice", "gold", i));
        foreach (var isOldestFirst in new[] { false, true })
        {
            var listed = new List<ulong>();
            VersionPosition? position = null;
            do
            {
                var page = (await client.AskAsync(Requests.List("alice", list =>
                {
                    (list.FromVersion, list.ToVersion, list.Limit, list.OldestFirst) = (2, 9, 3, isOldestFirst);
                    list.Position = position;
                }))).VersionList;
                page.Versions.Count.ShouldBeLessThanOrEqualTo(3);
                listed.AddRange(page.Versions.Select(version => version.Version));
                position = page.Next;
            }
            while (position is not null);
            listed.ShouldBe(isOldestFirst ? [2, 3, 4, 5, 6, 7, 8, 9] : [9, 8, 7, 6, 5, 4, 3, 2]);
        }
    }

    [Fact]
    public async Task A_range_of_times_is_kept()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        var at = (await client.AskAsync(Requests.List("alice"))).VersionList.Versions[0].AtUnixMs;
        (await client.AskAsync(Requests.List("alice", list => list.FromUnixMs = at))).VersionList.Versions.Count.ShouldBe(1);
        (await client.AskAsync(Requests.List("alice", list => list.UntilUnixMs = at + 1))).VersionList.Versions.Count.ShouldBe(1);
        (await client.AskAsync(Requests.List("alice", list => list.FromUnixMs = at + 1))).VersionList.Versions.ShouldBeEmpty();
        (await client.AskAsync(Requests.List("alice", list => list.UntilUnixMs = at))).VersionList.Versions.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rollback_that_is_sent_again_takes_effect_once_and_watchers_get_its_delta()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        var watcher = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        await client.CommitAsync(Requests.Set("alice", "gold", 2));
        await watcher.AskAsync(Requests.Watch("alice"));
        var rollback = Requests.Unit(Requests.Restore("alice", 1));
        (await client.AskAsync(rollback)).UnitCommitted.Versions.ShouldBe([3UL]);
        (await client.AskAsync(rollback)).UnitCommitted.Versions.ShouldBe([3UL]);
        var change = (await watcher.NextAsync(message => message.Change is not null)).Change;
        (change.Version, change.Delta.IsEmpty).ShouldBe((3UL, false));
        var snapshot = (await client.AskAsync(Requests.Get("alice"))).Snapshot;
        (snapshot.Version, Requests.Number(snapshot.Document, "gold")).ShouldBe((3UL, 1));
    }

    [Fact]
    public async Task A_rollback_is_refused_while_another_holds_the_session()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        await client.CommitAsync(Requests.Set("alice", "gold", 2));
        var opened = await client.OpenAsync("alice");
        var support = await server.ConnectAsync();
        var error = await support.RefusedAsync(Requests.Unit(Requests.Restore("alice", 1)));
        error.Code.ShouldBe(ErrorCodes.SessionRequired);
        error.Holder.ShouldNotBeEmpty();
        (await client.CommitAsync(Requests.Restore("alice", 1, mutation => mutation.Session = opened.Session))).ShouldBe(3UL);
    }

    [Fact]
    public async Task What_is_wrong_with_it_is_said()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync();
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        (await client.RefusedAsync(Requests.List("nobody"))).Code.ShouldBe(ErrorCodes.NotFound);
        (await client.RefusedAsync(Requests.List("alice", list => list.Limit = 1_001))).Code.ShouldBe(ErrorCodes.InvalidRequest);
        (await client.RefusedAsync(Requests.List("alice", list => list.FromVersion = ulong.MaxValue))).Code.ShouldBe(ErrorCodes.InvalidRequest);
        (await client.RefusedAsync(Requests.List("alice", list => list.UntilUnixMs = long.MaxValue))).Code.ShouldBe(ErrorCodes.InvalidRequest);
        (await client.RefusedAsync(Requests.List("alice", list => list.Position = new VersionPosition { Sequence = ulong.MaxValue }))).Code
            .ShouldBe(ErrorCodes.InvalidRequest);
        (await client.RefusedAsync(Requests.Unit(Requests.Restore("alice", 2)))).Code.ShouldBe(ErrorCodes.VersionNotFound);
        (await client.RefusedAsync(Requests.Unit(Requests.Restore("alice", 0)))).Code.ShouldBe(ErrorCodes.InvalidRequest);
        (await client.RefusedAsync(Requests.Unit(Requests.Restore("alice", ulong.MaxValue)))).Code.ShouldBe(ErrorCodes.InvalidRequest);
        (await client.RefusedAsync(Requests.Unit(Requests.Restore("alice", 1, mutation => mutation.ExpectedVersion = 4)))).Code.ShouldBe(ErrorCodes.VersionMismatch);
    }
}
