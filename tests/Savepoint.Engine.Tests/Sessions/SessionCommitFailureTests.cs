namespace Savepoint.Engine.Tests;

/// <summary>What a commit that fails leaves of sessions.</summary>
public sealed class SessionCommitFailureTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Fact]
    public void A_failed_commit_costs_a_holder_its_connection_and_not_its_session() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var holder = node.Open(A, 1);
        await holder.Opened;
        world.Pass(100);
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Submit(Make.Set(A, "n", 1).Under(1).By(1, 2)).Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
        world.Settle();
        holder.Log[^1].ShouldBe("lost");
        world.Pass(10);
        var back = node.Open(A, 1, request: 3, resume: 1);
        await back.Opened;
        back.Text.ShouldBe("resumed 1");
        (await node.Submit(Make.Set(A, "n", 1).Under(1).By(1, 2)).Answer).ShouldBeNull();
        node.Engine.Snapshot().Sessions.ShouldBe(1);
    });

    [Fact]
    public void An_opening_whose_commit_fails_is_refused_once_and_can_be_asked_for_again() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        var first = node.Open(A, 1);
        var waiter = node.Open(A, 2);
        world.Settle();
        (first.Text, waiter.Text).ShouldBe(("Unavailable", "Unavailable"));
        first.Log.ShouldBe(["Unavailable"]);
        node.Engine.Snapshot().Sessions.ShouldBe(0);
        var again = node.Open(A, 1);
        await again.Opened;
        again.Text.ShouldBe("opened 1");
    });

    [Fact]
    public void A_resumption_that_needed_no_record_stands_whatever_becomes_of_the_commit_that_it_waited_for() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Open(A, 1);
        await first.Opened;
        node.Engine.Disconnect(first);
        var stall = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.Set(World.KeyIn(1), "n", 1));
        await stall.Reached;
        var back = node.Open(A, 1, request: 2, resume: 1);
        stall.Fail(new StoreException("broken", WriteOutcome.NotApplied, isTransient: false));
        world.Settle();
        back.Text.ShouldBe("resumed 1");
        await node.Do(Make.Add(A, "n", 1));
        back.Log[^1].ShouldBe("change 2");
    });
}
