using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>I4 for openings: one that was granted is never granted again, whatever became of its session.</summary>
public sealed class OpeningOutcomeTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    public enum Restart
    {
        None,
        Crash,
        CrashAfterCheckpoint,
    }

    [Theory]
    [InlineData(Restart.None)]
    [InlineData(Restart.Crash)]
    [InlineData(Restart.CrashAfterCheckpoint)]
    public void A_thief_that_was_robbed_does_not_steal_again_when_its_request_comes_again(Restart restart) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        await node.Open(A, 2, request: 7, policy: SessionConflictPolicy.Steal).Opened;
        await node.Open(A, 1, request: 2, policy: SessionConflictPolicy.Steal).Opened;
        node = await Restarted(world, node, restart);

        var again = node.Open(A, 2, request: 7, policy: SessionConflictPolicy.Steal);
        await again.Opened;
        (again.Text, again.Opening.Refusal!.Holder).ShouldBe(("SessionLost", "server-1"));
        var present = node.Open(A, 1, request: 2, policy: SessionConflictPolicy.Steal);
        await present.Opened;
        present.Text.ShouldBe("resumed 3");
    });

    [Theory]
    [InlineData(Restart.None)]
    [InlineData(Restart.Crash)]
    [InlineData(Restart.CrashAfterCheckpoint)]
    public void A_session_that_was_waited_for_and_has_ended_is_not_opened_again(Restart restart) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        var waiter = node.Open(A, 2, request: 7);
        (await node.Submit(Make.EndSession(A, 1).By(1, 2)).Answer).ShouldBeNull();
        await waiter.Opened;
        (await node.Submit(Make.EndSession(A, 2).By(2, 8)).Answer).ShouldBeNull();
        var third = node.Open(A, 3);
        await third.Opened;
        (await node.Submit(Make.EndSession(A, 3).By(3, 2)).Answer).ShouldBeNull();
        node = await Restarted(world, node, restart);

        var again = node.Open(A, 2, request: 7);
        await again.Opened;
        again.Text.ShouldBe("SessionLost");
        var fresh = node.Open(A, 2, request: 9);
        await fresh.Opened;
        fresh.Text.ShouldBe("opened 4");
    });

    /// <summary>Found by the simulator, seeds 16 and 18: the second copy waited for the session of the first.</summary>
    [Theory]
    [InlineData(SessionConflictPolicy.Wait)]
    [InlineData(SessionConflictPolicy.Steal)]
    [InlineData(SessionConflictPolicy.Fail)]
    public void A_second_copy_that_ends_the_wait_of_the_first_gets_its_session(SessionConflictPolicy policy) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var holder = node.Open(A, 1);
        await holder.Opened;

        // Between two rounds of the sweeper, so that the second copy is the first to see that the lease is over.
        world.Pass(0.05);
        node.Engine.Disconnect(holder);
        var first = node.Open(A, 2, request: 7, wait: 60);
        world.Pass(30);
        var second = node.Open(A, 2, request: 7, policy: policy);
        await second.Opened;
        (first.Text, second.Text).ShouldBe(("opened 2", "resumed 2"));
        (await node.Submit(Make.EndSession(A, 2).By(2, 8)).Answer).ShouldBeNull();
        node.Engine.Snapshot().Sessions.ShouldBe(0);
    });

    [Fact]
    public void What_the_writer_has_received_is_forgotten_and_never_opened_again() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1, request: 3).Opened;
        (await node.Submit(Make.Add(A, "n", 1).By(1, 4, received: 3)).Answer).ShouldBeNull();
        var same = node.Open(A, 1, request: 3);
        await same.Opened;
        same.Text.ShouldBe("resumed 1", "it is the present session's");
        await node.Open(A, 2, policy: SessionConflictPolicy.Steal).Opened;
        (await Answer(node.Open(A, 1, request: 3))).ShouldBe("RequestForgotten");
        (await Answer(node.Open(A, 3, request: 5, received: 5))).ShouldBe("InvalidRequest");
        await node.Open(World.KeyIn(0, 1), 1, request: 9, received: 8).Opened;
        (await Answer(node.Open(World.KeyIn(0, 2), 1, request: 8))).ShouldBe("RequestForgotten");
    });

    /// <summary>Found by the simulator, seed 20876: the copy was sent again together with what told of answers behind it.</summary>
    [Fact]
    public void A_copy_that_waits_for_its_entity_opens_nothing_when_its_answer_is_forgotten_meanwhile() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1, request: 3).Opened;
        await node.Open(A, 2, policy: SessionConflictPolicy.Steal).Opened;
        (await node.Submit(Make.EndSession(A, 2).By(2, 2)).Answer).ShouldBeNull();
        world.Pass(45);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(0);

        var load = node.Faults.StallNext(StoreOperation.ReadEntities);
        var copy = node.Open(A, 1, request: 3);
        await load.Reached;
        var other = node.Submit(Make.Add(World.KeyIn(0, 1), "n", 1).By(1, 5, received: 4));
        load.Release();
        (await other.Answer).ShouldBeNull();
        (await Answer(copy)).ShouldBe("SessionLost");
        node.Engine.Snapshot().Sessions.ShouldBe(0);
    });

    [Fact]
    public void A_writer_with_too_many_open_outcomes_opens_nothing() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxOutcomesPerWriter = 2, MaxWritersPerShard = 2 });
        await node.Open(World.KeyIn(0, 1), 1, request: 1).Opened;
        await node.Open(World.KeyIn(0, 2), 1, request: 2).Opened;
        (await Answer(node.Open(World.KeyIn(0, 3), 1, request: 3))).ShouldBe("Overloaded");
        (await Answer(node.Open(World.KeyIn(0, 2), 1, request: 2))).ShouldBe("resumed 1");
        (await Answer(node.Open(World.KeyIn(0, 3), 1, request: 3, received: 1))).ShouldBe("opened 1");
        await node.Open(World.KeyIn(0, 4), 2).Opened;
        (await Answer(node.Open(World.KeyIn(0, 5), 3))).ShouldBe("Overloaded", "there is no room for another writer");
    });

    [Fact]
    public void A_number_is_an_openings_or_a_units_and_not_both() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1, request: 1).Opened;
        (await node.Submit(Make.Add(A, "n", 1).By(1, 1)).Answer)!.Code.ShouldBe(RefusalCode.RequestReused);
        (await node.Submit(Make.Add(A, "n", 1).By(1, 2)).Answer).ShouldBeNull();
        (await Answer(node.Open(World.KeyIn(0, 1), 1, request: 2))).ShouldBe("RequestReused");
    });

    [Fact]
    public void Refused_openings_are_not_remembered() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        (await Answer(node.Open(A, 2, policy: SessionConflictPolicy.Fail))).ShouldBe("held by server-1");
        (await node.Submit(Make.EndSession(A, 1).By(1, 2)).Answer).ShouldBeNull();
        (await Answer(node.Open(A, 2, policy: SessionConflictPolicy.Fail))).ShouldBe("opened 2");
    });

    [Fact]
    public void An_opening_whose_commit_fails_is_forgotten() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1));
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await Answer(node.Open(A, 1))).ShouldBe("Unavailable");
        (await Answer(node.Open(A, 1))).ShouldBe("opened 1");
    });

    private static async Task<string> Answer(Holder holder)
    {
        await holder.Opened;
        return holder.Text;
    }

    private static async Task<Node> Restarted(World world, Node node, Restart restart)
    {
        if (restart == Restart.None)
            return node;
        if (restart == Restart.CrashAfterCheckpoint)
            node.Checkpoint();
        node.Crash();
        return await world.StartAsync();
    }
}
