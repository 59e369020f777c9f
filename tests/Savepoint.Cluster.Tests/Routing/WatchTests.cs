using Savepoint.Engine;

namespace Savepoint.Cluster.Tests.Routing;

public sealed class WatchTests
{
    private static readonly EntityKey Thing = TestCluster.KeyIn(1);

    [Fact]
    public void A_watch_goes_on_over_hand_overs_and_crashes_without_a_gap() => TestCluster.Run(
        async cluster =>
        {
            var first = await cluster.StartAsync("first", 0, 1, 2, 3);
            var second = await cluster.StartAsync("second");
            var third = await cluster.StartAsync("third");
            var gateway = await cluster.StartAsync("gateway");
            var (isWritten, isOver) = (false, false);
            var version = 0L;
            var reached = new Dictionary<TestNode, long>();
            var followers = new[] { gateway, second }.Select(FollowAsync).ToList();
            var writing = WriteAsync();
            await cluster.Delay(200);
            await cluster.MoveAsync(1, first, second);
            await cluster.Delay(200);
            cluster.Network.BreakAllOf(gateway.Process);
            await cluster.Delay(200);
            await cluster.MoveAsync(1, second, third);
            await cluster.Delay(200);
            third.Process.Crash();
            await cluster.Delay(3_000);
            await first.TakeAsync(1);
            await cluster.Delay(500);
            isWritten = true;
            await writing;
            isOver = true;
            foreach (var follower in followers)
                await follower;
            reached.Values.ShouldAllBe(one => one == version);

            async Task WriteAsync()
            {
                for (var request = 1; !isWritten; request++)
                {
                    var unit = gateway.Submit(TestUnit.By(1, request, TestUnit.Add(Thing, "n", 1)));
                    (await unit.Answer).ShouldBeNull();
                    version = unit.Version;
                    await cluster.Delay(3);
                }
            }

            // As a client's watch does: it joins again from where it was; the mirror throws where a version is missing.
            async Task FollowAsync(TestNode at)
            {
                var seen = 0L;
                while (!isOver || seen < version)
                {
                    var watcher = at.Watch(Thing, seen);
                    await cluster.Until(() => watcher.IsLost || watcher.Refusal is not null || (isOver && watcher.Mirror.Version >= version), "it is lost or done");
                    watcher.Mirror.Version.ShouldBeGreaterThanOrEqualTo(watcher.IsStarted ? seen : 0);
                    seen = Math.Max(seen, watcher.Mirror.Version);
                    at.Unwatch(watcher);
                }

                reached[at] = seen;
            }
        },
        seeds: 10);

    [Fact]
    public void A_watcher_that_is_at_a_version_gets_the_changes_after_it() => TestCluster.Run(async cluster =>
    {
        await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        var first = gateway.Watch(Thing);
        for (var i = 0; i < 3; i++)
            await gateway.Submit(TestUnit.Add(Thing, "n", 1)).Answer;
        await cluster.Until(() => first.Mirror.Version == 3, "the first sees all");
        var second = gateway.Watch(Thing, from: 1);
        await cluster.Until(() => second.Mirror.Version == 3, "the second sees the rest");
        second.Log.ShouldBe(["start 1", "change 2", "change 3"]);
    });

    [Fact]
    public void When_a_link_breaks_the_owner_lets_go_of_its_watchers() => TestCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        var watcher = gateway.Watch(Thing);
        await cluster.Until(() => watcher.IsStarted, "it begins");
        owner.Server.Engine.Snapshot().Watchers.ShouldBe(1);
        gateway.Process.Crash();
        await cluster.Until(() => owner.Server.Engine.Snapshot().Watchers == 0, "the owner lets go");
    });

    [Fact]
    public void A_watch_that_nobody_wants_any_more_does_not_begin() => TestCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        var watcher = gateway.Watch(Thing);
        await cluster.Delay(100);
        gateway.Unwatch(watcher);
        await owner.TakeAsync(1);
        await cluster.Delay(15_000);
        (watcher.Log.Count, owner.Server.Engine.Snapshot().Watchers, gateway.Server.Routing!.Waiting).ShouldBe((0, 0, 0));
    });
}
