namespace Savepoint.Engine.Tests;

/// <summary>Who waits for a session that another holds: when it is their turn, and how a wait ends otherwise.</summary>
public sealed class SessionQueueTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Fact]
    public void A_waiting_server_gets_the_session_when_the_holder_ends_it() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Open(A, 1);
        await first.Opened;
        var second = node.Open(A, 2);
        world.Settle();
        second.Text.ShouldBe("pending");
        first.Log[^1].ShouldBe("requested by server-2");

        var appends = node.Crashes.Appends;
        var save = Make.Set(A, "n", 1).Under(1);
        (await node.Submit(new TestUnit(save, Make.EndSession(A, 1)).By(1, 2)).Answer).ShouldBeNull();
        world.Settle();
        second.Text.ShouldBe("opened 2");
        second.Mirror.Text.ShouldBe("""{"n":1}""");
        node.Crashes.Appends.ShouldBe(appends + 1, "the end and the next session are one commit");
        first.Log.ShouldNotContain("ended: Ended", "it was its own wish");
    });

    [Fact]
    public void A_waiter_gets_a_new_entity_when_the_holder_removes_it() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        var waiter = node.Open(A, 2);
        world.Settle();
        (await node.Submit(Make.Remove(A).Under(1).By(1, 2)).Answer).ShouldBeNull();
        world.Settle();
        waiter.Text.ShouldBe("opened 2");
        waiter.Opening.Created.ShouldBeTrue();
        node.Crash();
        node = await world.StartAsync();
        var back = node.Open(A, 2, request: 2, resume: 2);
        await back.Opened;
        back.Text.ShouldBe("resumed 2");
    });

    [Fact]
    public void Waiters_are_served_in_order_and_each_new_holder_is_asked_for_the_next() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var holders = Enumerable.Range(1, 4).Select(writer => node.Open(A, writer)).ToList();
        for (var i = 0; i < holders.Count; i++)
        {
            world.Settle();
            holders.Count(holder => holder.IsAnswered).ShouldBe(i + 1);
            holders[i].Text.ShouldBe($"opened {i + 1}");
            if (i + 1 < holders.Count)
                holders[i].Log.ShouldContain($"requested by server-{i + 2}");
            (await node.Submit(Make.EndSession(A, i + 1).By(i + 1, 2)).Answer).ShouldBeNull();
        }
    });

    [Fact]
    public void A_wait_ends_when_its_time_is_up_and_who_is_next_goes_on_waiting() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Open(A, 1);
        await first.Opened;
        var second = node.Open(A, 2, wait: 10);
        var third = node.Open(A, 3, wait: 60);
        world.Pass(10.2);
        second.Text.ShouldBe("SessionWaitTimeout");
        second.Opening.Refusal!.Holder.ShouldBe("server-1");
        third.Text.ShouldBe("pending");
        (await node.Submit(Make.EndSession(A, 1).By(1, 2)).Answer).ShouldBeNull();
        world.Settle();
        third.Text.ShouldBe("opened 2");
    });

    [Fact]
    public void A_waiter_that_goes_away_is_passed_over() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        var second = node.Open(A, 2);
        var third = node.Open(A, 3);
        world.Settle();
        node.Engine.Disconnect(second);
        (await node.Submit(Make.EndSession(A, 1).By(1, 2)).Answer).ShouldBeNull();
        world.Settle();
        (second.Text, third.Text).ShouldBe(("pending", "opened 2"));
    });

    [Fact]
    public void Only_so_many_may_wait_for_one_session() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxSessionWaiters = 2 });
        await node.Open(A, 1).Opened;
        node.Open(A, 2);
        node.Open(A, 3);
        var refused = node.Open(A, 4);
        await refused.Opened;
        refused.Text.ShouldBe("Overloaded");
    });

    [Fact]
    public void Who_waits_when_the_engine_stops_is_told() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        var waiter = node.Open(A, 2);
        world.Settle();
        await node.StopAsync();
        world.Settle();
        waiter.Text.ShouldBe("ShuttingDown");
        var late = node.Open(A, 3);
        late.Text.ShouldBe("ShuttingDown");
    });
}
