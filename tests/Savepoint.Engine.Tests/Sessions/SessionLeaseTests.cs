using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>How long a holder without a connection keeps its session, also over a restart.</summary>
public sealed class SessionLeaseTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Fact]
    public void A_holder_with_a_connection_keeps_its_session() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        world.Pass(600);
        (await node.Submit(Make.Set(A, "n", 1).Under(1).By(1, 2)).Answer).ShouldBeNull();
    });

    [Fact]
    public void A_holder_that_comes_back_within_the_lease_goes_on() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Open(A, 1);
        await first.Opened;
        node.Engine.Disconnect(first);
        world.Pass(20);
        await node.Do(Make.Add(A, "n", 1));
        var back = node.Open(A, 1, request: 2, resume: 1, from: 1);
        await back.Opened;
        back.Text.ShouldBe("resumed 1");
        back.Opening.Snapshot.IsResumed.ShouldBeTrue();
        world.Settle();
        back.Log.ShouldBe(["resumed 1", "change 2"]);
        first.Log.ShouldBe(["opened 1"]);
        world.Pass(120);
        (await node.Submit(Make.Set(A, "n", 5).Under(1).By(1, 3)).Answer).ShouldBeNull();
    });

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void A_holder_of_a_dead_connection_does_not_take_the_place_of_the_one_that_came_after_it(long resume) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Open(A, 1, request: 7);
        await first.Opened;
        var later = node.Open(A, 1, request: 12, resume: 1);
        await later.Opened;

        // The first connection is half open: its edge joins again, and ends only then.
        var stale = node.Open(A, 1, request: 7, resume: resume);
        await stale.Opened;
        stale.Text.ShouldBe("SessionLost");
        node.Engine.Disconnect(stale);
        node.Engine.Disconnect(first);
        world.Pass(100);

        (await node.Submit(Make.Set(A, "n", 1).Under(1).By(1, 13)).Answer).ShouldBeNull();
        later.Log.ShouldBe(["resumed 1", "change 2"]);
    });

    [Fact]
    public void A_dead_holder_is_replaced_when_its_lease_runs_out() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Open(A, 1);
        await first.Opened;
        node.Engine.Disconnect(first);
        world.Pass(10);
        var waiter = node.Open(A, 2);
        world.Pass(19.8);
        waiter.Text.ShouldBe("pending");
        world.Pass(0.4);
        waiter.Text.ShouldBe("opened 2");

        var late = node.Open(A, 1, request: 2, resume: 1);
        await late.Opened;
        (late.Opening.Refusal!.Code, late.Opening.Refusal.Holder).ShouldBe((RefusalCode.SessionLost, "server-2"));
    });

    [Theory]
    [InlineData(SessionConflictPolicy.Fail)]
    [InlineData(SessionConflictPolicy.Wait)]
    [InlineData(SessionConflictPolicy.Steal)]
    public void A_holder_whose_lease_has_run_out_is_in_nobodys_way(SessionConflictPolicy policy) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Open(A, 1);
        await first.Opened;

        // Between two rounds of the sweeper, so that nobody has ended the session yet.
        world.Pass(0.05);
        node.Engine.Disconnect(first);
        world.Pass(30);
        var second = node.Open(A, 2, policy: policy);
        await second.Opened;
        second.Text.ShouldBe("opened 2");
        node.Engine.Snapshot().Sessions.ShouldBe(1);
    });

    [Fact]
    public void Who_waited_for_a_holder_whose_lease_has_run_out_goes_before_who_comes_then() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Open(A, 1);
        await first.Opened;
        world.Pass(0.05);
        node.Engine.Disconnect(first);
        var late = node.Open(A, 2, wait: 30);
        var waiter = node.Open(A, 3, wait: 60);
        world.Pass(30);
        var last = node.Open(A, 4, policy: SessionConflictPolicy.Fail);
        await last.Opened;
        (late.Text, waiter.Text, last.Text).ShouldBe(("SessionWaitTimeout", "opened 2", "held by server-3"));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_a_restart_a_holder_can_resume_within_the_lease(bool isCheckpointed) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        if (isCheckpointed)
            node.Checkpoint();
        node.Crash();
        world.Pass(100);
        node = await world.StartAsync();
        world.Pass(25);
        var rival = node.Open(A, 2);
        world.Settle();
        rival.Text.ShouldBe("pending");
        var back = node.Open(A, 1, request: 2, resume: 1, from: 1);
        await back.Opened;
        back.Text.ShouldBe("resumed 1");
        (await node.Submit(Make.Set(A, "n", 1).Under(1).By(1, 3)).Answer).ShouldBeNull();
        world.Pass(60);
        rival.Text.ShouldBe("pending");
    });

    [Fact]
    public void After_a_restart_a_holder_that_stays_away_is_replaced() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        await node.StopAsync();
        node = await world.StartAsync();
        var rival = node.Open(A, 2);
        world.Pass(29);
        rival.Text.ShouldBe("pending");
        world.Pass(1.5);
        rival.Text.ShouldBe("opened 2");
    });
}
