using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>I5, P6, P7: one session at a time, with a number that only grows.</summary>
public sealed class SessionTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Fact]
    public void Opening_the_session_of_a_new_entity_makes_it_from_its_template() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var hero = node.Open(new EntityKey("hero", "h"), 1);
        await hero.Opened;
        (hero.Session, hero.Opening.Created, hero.Mirror.Text).ShouldBe((1, true, """{"gold":10,"level":1}"""));
        var thing = node.Open(A, 1, request: 2, template: """{"x":1}""");
        await thing.Opened;
        (thing.Session, thing.Opening.Created, thing.Mirror.Text).ShouldBe((1, true, """{"x":1}"""));
        var empty = node.Open(World.KeyIn(1), 1);
        await empty.Opened;
        (empty.Session, empty.Opening.Created, empty.Mirror.Text).ShouldBe((1, true, "{}"));
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("""{"x":1}""");
        (await node.Json(World.KeyIn(1))).ShouldBe("{}");
    });

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
    public void Who_will_not_wait_hears_who_holds_it_and_since_when() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        world.Pass(5);
        var since = world.Time.GetUtcNow();
        await node.Open(A, 1).Opened;
        world.Pass(5);
        var second = node.Open(A, 2, policy: SessionConflictPolicy.Fail);
        await second.Opened;
        second.Text.ShouldBe("held by server-1");
        second.Opening.HeldSince.ShouldBe(since);
    });

    [Fact]
    public void A_stolen_session_fences_its_former_holder_off() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Open(A, 1);
        await first.Opened;
        (await node.Submit(Make.Set(A, "n", 1).Under(1).By(1, 2)).Answer).ShouldBeNull();
        var thief = node.Open(A, 2, policy: SessionConflictPolicy.Steal);
        await thief.Opened;
        thief.Text.ShouldBe("opened 2");
        first.Log[^1].ShouldBe("ended: Stolen by server-2");

        var late = await node.Submit(Make.Set(A, "n", 2).Under(1).By(1, 3)).Answer;
        (late!.Code, late.Holder).ShouldBe((RefusalCode.SessionLost, "server-2"));
        var end = await node.Submit(Make.EndSession(A, 1).By(1, 4)).Answer;
        end!.Code.ShouldBe(RefusalCode.SessionLost);
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        first.Log.ShouldBe(["opened 1", "change 2", "ended: Stolen by server-2"]);
    });

    [Fact]
    public void A_writer_that_is_not_the_holder_is_refused_whatever_number_it_knows() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        (await node.Submit(Make.Set(A, "n", 1).Under(1).By(2, 1)).Answer)!.Code.ShouldBe(RefusalCode.SessionLost);
        (await node.Code(Make.Set(A, "n", 1).Under(1))).ShouldBe(RefusalCode.SessionLost);
        (await node.Submit(Make.Set(A, "n", 1).Under(2).By(1, 2)).Answer)!.Code.ShouldBe(RefusalCode.SessionLost);
    });

    [Fact]
    public void While_a_session_is_active_others_may_only_increment_and_leave_messages() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        var set = await node.Try(Make.Set(A, "n", 1));
        (set!.Code, set.Holder).ShouldBe((RefusalCode.SessionRequired, "server-1"));
        (await node.Code(Make.Remove(A))).ShouldBe(RefusalCode.SessionRequired);
        (await node.Code(Make.Intent(A, "nothing"))).ShouldBe(RefusalCode.SessionRequired);
        (await node.Code(Make.Delta(A, delta =>
        {
            delta.Increment("n", 1);
            delta.Set("m", 1);
        }))).ShouldBe(RefusalCode.SessionRequired);
        (await node.Code(Make.Delta(A, static _ => { }))).ShouldBe(RefusalCode.SessionRequired);
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Message(A));

        var open = new EntityKey("open", "o");
        await node.Open(open, 1).Opened;
        await node.Do(Make.Set(open, "n", 1));
    });

    [Fact]
    public void The_same_request_again_gets_the_same_session() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1, request: 7).Opened;
        var again = node.Open(A, 1, request: 7);
        await again.Opened;
        again.Text.ShouldBe("resumed 1");
        var other = node.Open(A, 1, request: 8, policy: SessionConflictPolicy.Fail);
        await other.Opened;
        other.Text.ShouldBe("held by server-1");
    });

    [Fact]
    public void A_request_whose_session_has_ended_opens_no_other_when_it_is_sent_again() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1, request: 7).Opened;
        (await node.Submit(Make.EndSession(A, 1).By(1, 8)).Answer).ShouldBeNull();
        var again = node.Open(A, 1, request: 7);
        await again.Opened;
        again.Text.ShouldBe("SessionLost");
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

    [Fact]
    public void A_holder_with_a_connection_keeps_its_session() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        world.Pass(600);
        (await node.Submit(Make.Set(A, "n", 1).Under(1).By(1, 2)).Answer).ShouldBeNull();
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
    public void A_holder_that_goes_away_while_its_entity_is_loaded_gets_no_session() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var load = node.Faults.StallNext(StoreOperation.ReadEntities);
        var gone = node.Open(A, 1);
        await load.Reached;
        node.Engine.Disconnect(gone);
        load.Release();
        world.Settle();
        var next = node.Open(A, 2, policy: SessionConflictPolicy.Fail);
        await next.Opened;
        (gone.Text, next.Text).ShouldBe(("pending", "opened 1"));
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_holders_end_with_the_process_a_restart_leaves_no_session_in_the_way(bool isCheckpointed) => World.Run(async world =>
    {
        world.HoldersEndWithProcess = true;
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        (await node.Submit(Make.Set(A, "n", 1).Under(1).By(1, 2)).Answer).ShouldBeNull();
        if (isCheckpointed)
            node.Checkpoint();
        node.Crash();
        node = await world.StartAsync();
        var next = node.Open(A, 2, policy: SessionConflictPolicy.Fail);
        await next.Opened;
        (next.Text, next.Mirror.Text).ShouldBe(("opened 2", """{"n":1}"""));
        node.Engine.Snapshot().Sessions.ShouldBe(1);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_holders_end_with_the_process_a_session_is_in_nobodys_way_though_a_hook_comes_first(bool isCheckpointed) => World.Run(async world =>
    {
        world.HoldersEndWithProcess = true;
        var node = await world.StartAsync(kinds: Game.First);
        await node.Open(Game.A, 1).Opened;
        (await node.Submit(Make.Set(Game.A, "n", 1).Under(1).By(1, 2)).Answer).ShouldBeNull();
        if (isCheckpointed)
            node.Checkpoint();
        node.Crash();
        node = await world.StartAsync(kinds: Game.With(new Blessing()));
        var next = node.Open(Game.A, 2, policy: SessionConflictPolicy.Fail);
        await next.Opened;
        next.Text.ShouldBe("opened 2");
    });

    [Fact]
    public void Where_holders_end_with_the_process_those_of_this_one_keep_their_sessions_through_a_failed_commit() => World.Run(async world =>
    {
        world.HoldersEndWithProcess = true;
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Submit(Make.Set(A, "n", 1).Under(1).By(1, 2)).Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
        world.Pass(10);
        var back = node.Open(A, 1, request: 3, resume: 1);
        await back.Opened;
        back.Text.ShouldBe("resumed 1");
    });

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

    [Fact]
    public void Removing_the_entity_ends_its_session_and_numbers_go_on_growing() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Open(A, 1);
        await first.Opened;
        (await node.Submit(Make.Remove(A).Under(1).By(1, 2)).Answer).ShouldBeNull();
        world.Settle();
        first.Log.ShouldBe(["opened 1", "removed 2", "ended: Removed"]);
        node.Checkpoint();
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("none");
        var next = node.Open(A, 2);
        await next.Opened;
        (next.Text, next.Opening.Created, next.Opening.Snapshot.Version).ShouldBe(("opened 2", true, 3));
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
    public void A_resumption_of_what_never_was_leaves_nothing_behind() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var lost = node.Open(A, 1, resume: 5);
        await lost.Opened;
        lost.Text.ShouldBe("SessionLost");
        await node.Do(Make.Set(A, "n", 1));
        await node.StopAsync();
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        (await node.Json(A)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_session_whose_template_is_wrong_is_refused_and_the_next_gets_its_turn() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var holder = new Holder { Key = A, Name = "x", Writer = World.Writer(1), Request = 1, Template = new byte[] { 9, 9, 9 } };
        node.Engine.OpenSession(holder);
        await holder.Opened;
        holder.Text.ShouldBe("Document");
        (await node.Json(A)).ShouldBe("none");
        var next = node.Open(A, 2);
        await next.Opened;
        next.Text.ShouldBe("opened 1");
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
