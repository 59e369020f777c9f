using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>I2: every answer waits for the commit of what it saw.</summary>
public sealed class DurableBeforeVisibleTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    [Fact]
    public void Nothing_comes_out_before_the_commit_and_all_of_it_in_order_after() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        var watcher = node.Watch(A);
        world.Settle();
        var order = new List<string>();
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var commit = Noted("commit", Make.Set(A, "n", 2).By(1, 1));
        await stall.Reached;
        var refusal = Noted("refusal", new TestUnit(Make.Set(A, "n", 3).At(1)));
        var repeat = Noted("repeat", Make.Set(A, "n", 2).By(1, 1));
        var read = node.Read(A);
        var later = Noted("later", new TestUnit(Make.Set(A, "n", 4)));
        var late = node.Watch(A);
        var opening = node.Open(A, 5);
        world.Pass(30);

        order.ShouldBeEmpty();
        (read.IsAnswered, late.HasStarted, opening.IsAnswered).ShouldBe((false, false, false));
        watcher.Log.ShouldBe(["start 1"]);

        stall.Release();
        world.Settle();
        order.ShouldBe(["commit", "refusal", "repeat", "later"]);
        commit.Text.ShouldBe("2");
        refusal.Refusal!.Code.ShouldBe(RefusalCode.VersionMismatch);
        refusal.Refusal.CurrentVersion.ShouldBe(2);
        repeat.Text.ShouldBe("2");
        read.Text.ShouldBe("""{"n":2}""");
        later.Text.ShouldBe("3");
        late.Log.ShouldBe(["start 3"]);
        watcher.Log.ShouldBe(["start 1", "change 2", "change 3"]);
        opening.Text.ShouldBe("opened 1");

        TestUnit Noted(string name, TestUnit unit)
        {
            var noted = new TestUnit(unit.Mutations) { Noted = _ => order.Add(name), Writer = unit.Writer, Request = unit.Request };
            return node.Submit(noted);
        }
    });

    [Fact]
    public void What_is_committed_is_read_at_once_while_another_commit_is_under_way() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(B, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.Set(A, "n", 2));
        await stall.Reached;
        var read = node.Read(B);
        read.IsAnswered.ShouldBeTrue();
        read.Text.ShouldBe("""{"n":1}""");
        node.Read(A).IsAnswered.ShouldBeFalse();
        stall.Release();
    });

    [Fact]
    public void A_refusal_that_looked_at_another_shard_waits_for_that_shards_commit() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(B, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.Set(B, "n", 2));
        await stall.Reached;
        var refused = node.Submit(Make.Set(A, "n", 2), Make.Set(B, "n", 3).At(1));
        world.Settle();
        refused.IsAnswered.ShouldBeFalse();
        stall.Release();
        world.Settle();
        refused.Text.ShouldBe("VersionMismatch");
    });

    [Fact]
    public void A_refusal_that_looked_only_at_committed_state_comes_at_once() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.Set(B, "n", 1));
        await stall.Reached;
        node.Submit(Make.Set(A, "n", 2).At(7)).Text.ShouldBe("VersionMismatch");
        stall.Release();
    });

    [Fact]
    public void A_read_of_an_old_version_waits_too_when_the_newest_is_not_committed() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.Set(A, "n", 2));
        await stall.Reached;
        var old = node.Read(A, 1);
        var future = node.Read(A, 3);
        world.Settle();
        (old.IsAnswered, future.IsAnswered).ShouldBe((false, false));
        stall.Release();
        world.Settle();
        old.Text.ShouldBe("""{"n":1}""");
        future.Text.ShouldBe("VersionNotFound");
    });

    [Fact]
    public void A_session_is_handed_over_only_with_the_commit_that_ends_the_one_before() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Open(A, 1);
        await first.Opened;
        var second = node.Open(A, 2);
        world.Settle();
        var stall = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.EndSession(A, first.Session).By(1, 2));
        await stall.Reached;
        second.IsAnswered.ShouldBeFalse();
        stall.Release();
        world.Settle();
        second.Text.ShouldBe("opened 2");
    });

    [Fact]
    public void A_thief_and_the_robbed_hear_of_it_only_when_it_is_durable() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Open(A, 1);
        await first.Opened;
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var thief = node.Open(A, 2, policy: SessionConflictPolicy.Steal);
        await stall.Reached;
        (thief.IsAnswered, first.Log.Count).ShouldBe((false, 1));
        stall.Release();
        world.Settle();
        thief.Text.ShouldBe("opened 2");
        first.Log[^1].ShouldBe("ended: Stolen by server-2");
    });
}
