namespace Savepoint.Engine.Tests;

/// <summary>I6: watchers see an entity's changes in version order, none skipped, none twice.</summary>
public sealed class WatchTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Fact]
    public void A_watcher_gets_every_version_in_order_whenever_it_starts() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var watchers = new List<Onlooker>();
        for (var i = 0; i < 200; i++)
        {
            node.Submit(Make.Delta(A, delta =>
            {
                delta.Increment("n", 1);
                delta.Set($"k{world.Random.Next(10)}", i);
            }));
            if (world.Random.Next(3) == 0)
                watchers.Add(node.Watch(A));
            if (world.Random.Next(4) == 0)
                world.Settle();
        }

        world.Settle();
        var now = await node.Json(A);
        watchers.ShouldAllBe(watcher => watcher.Mirror.Version == 200 && watcher.Mirror.Text == now);
    });

    [Fact]
    public void A_watcher_that_comes_back_soon_gets_what_it_missed_and_no_snapshot() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var watcher = node.Watch(A);
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(A, "n", 1));
        node.Engine.Unwatch(watcher);
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Remove(A));
        watcher.Log.ShouldBe(["start 0", "change 1", "change 2"]);

        var back = node.Watch(A, from: 2);
        world.Settle();
        back.Log.ShouldBe(["start 2", "change 3", "removed 4"]);
        back.IsResumed.ShouldBeTrue();
        var nothingNew = node.Watch(A, from: 4);
        world.Settle();
        nothingNew.Log.ShouldBe(["start 4"]);
        nothingNew.IsResumed.ShouldBeTrue();
    });

    [Fact]
    public void A_watcher_that_missed_too_much_gets_a_snapshot() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { RecentDeltaBytes = 1_000 });
        node.Watch(A);
        for (var i = 0; i < 50; i++)
            await node.Do(Make.Add(A, "n", 1));
        var far = node.Watch(A, from: 2);
        var near = node.Watch(A, from: 48);
        var ahead = node.Watch(A, from: 90);
        world.Settle();
        (far.IsResumed, far.Mirror.Text).ShouldBe((false, """{"n":50}"""));
        near.Log.ShouldBe(["start 48", "change 49", "change 50"]);
        (ahead.IsResumed, ahead.Mirror.Version).ShouldBe((false, 50));
    });

    [Fact]
    public void A_failed_commit_loses_its_watchers_and_they_can_come_back() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var other = World.KeyIn(0, 1);
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(other, "n", 1));
        var (watcher, bystander) = (node.Watch(A), node.Watch(other));
        world.Settle();
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        await node.Try(Make.Set(A, "n", 2));
        world.Settle();
        watcher.Log.ShouldBe(["start 1", "lost"]);
        await node.Do(Make.Set(other, "n", 2));
        bystander.Log.ShouldBe(["start 1", "change 2"]);

        var back = node.Watch(A, from: 1);
        await node.Do(Make.Set(A, "n", 3));
        back.Log.ShouldBe(["start 1", "change 2"]);
        back.Mirror.Text.ShouldBe("""{"n":3}""");
        node.Engine.Snapshot().Watchers.ShouldBe(2);
    });

    [Fact]
    public void A_watch_that_began_with_the_failing_commit_is_refused_once() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        node.Submit(Make.Set(A, "n", 2));
        var watcher = node.Watch(A);
        world.Settle();
        watcher.Log.ShouldBe(["refused Unavailable"]);
        await node.Do(Make.Set(A, "n", 2));
        watcher.Log.Count.ShouldBe(1);
        node.Engine.Snapshot().Watchers.ShouldBe(0);
    });

    [Fact]
    public void A_watch_of_committed_state_stands_whatever_becomes_of_the_commit_that_it_waited_for() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var other = World.KeyIn(0, 1);
        await node.Do(Make.Set(A, "n", 1));
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        node.Submit(Make.Set(other, "n", 1));
        var watcher = node.Watch(A);
        world.Settle();
        await node.Do(Make.Set(A, "n", 2));
        watcher.Log.ShouldBe(["start 1", "change 2"]);
    });

    [Fact]
    public void A_change_says_who_made_it_and_why() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var watcher = new Teller { Key = A };
        node.Engine.Watch(watcher);
        var unit = new TestUnit(Make.Set(World.KeyIn(1), "n", 1), Make.Set(A, "n", 1)).By(4, 9);
        unit.Reason = "shop:sword";
        await node.Submit(unit).Answer;
        watcher.Told.ShouldBe((World.Writer(4), 9, 1, "shop:sword"));
    });

    private sealed class Teller : Watcher
    {
        public (Guid Writer, long Request, int Mutation, string? Reason) Told { get; private set; }

        protected internal override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal)
        {
        }

        protected internal override void OnChange(in EntityChange change) => Told = (change.Writer, change.Request, change.Mutation, change.Reason);

        protected internal override void OnLost()
        {
        }
    }
}
