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
}
