namespace Savepoint.Engine.Tests;

/// <summary>W3: Deferred properties are seen at once and journaled once per save interval; Transient ones are only broadcast.</summary>
public sealed class DeferredTests
{
    private static readonly EntityKey A = World.KeyIn(0, kind: "body");
    private static readonly EntityKey B = World.KeyIn(1, kind: "body");

    [Fact]
    public void A_deferred_change_is_seen_at_once_and_journaled_within_the_save_interval() => World.Run(async world =>
    {
        var node = await Begin(world);
        var watcher = node.Watch(A);
        world.Settle();
        var appends = node.Crashes.Appends;
        for (var i = 1; i <= 5; i++)
            (await node.Do(Make.Set(A, "mood", i))).ShouldBe(1, "it makes no version");
        node.Crashes.Appends.ShouldBe(appends);
        (await node.Json(A)).ShouldBe("""{"mood":5,"n":1}""");
        watcher.Log.ShouldBe(["start 1", "change 0", "change 0", "change 0", "change 0", "change 0"]);
        watcher.Mirror.Text.ShouldBe("""{"mood":5,"n":1}""");

        world.Pass(1.3);
        node.Crashes.Appends.ShouldBe(appends + 1);
        watcher.Log[^1].ShouldBe("change 2");
        watcher.Mirror.Text.ShouldBe("""{"mood":5,"n":1}""");
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("""{"mood":5,"n":1}""");
    });

    [Fact]
    public void A_crash_loses_at_most_what_was_deferred() => World.Run(async world =>
    {
        var node = await Begin(world);
        await node.Do(Make.Set(A, "mood", 5));
        await node.Do(Make.Set(B, "mood", 6));
        await node.Do(Make.Add(B, "n", 1));
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        (await node.Json(B)).ShouldBe("""{"mood":6,"n":2}""", "the next durable change took it along");
    });

    [Fact]
    public void A_watcher_that_comes_back_does_not_keep_what_a_crash_has_lost() => World.Run(async world =>
    {
        var node = await Begin(world);
        var watcher = node.Watch(A);
        await node.Do(Make.Set(A, "mood", 5));
        watcher.Mirror.Text.ShouldBe("""{"mood":5,"n":1}""");
        node.Crash();
        node = await world.StartAsync();
        var back = node.Watch(A, from: 1);
        world.Settle();
        back.Log.ShouldBe(["start 1"], "a whole state, and no replay on what it has");
        back.Mirror.Text.ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void Stopping_loses_no_deferred_change() => World.Run(async world =>
    {
        var node = await Begin(world);
        await node.Do(Make.Set(A, "mood", 5));
        await node.StopAsync();
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("""{"mood":5,"n":1}""");
        (await node.Json(A, 2)).ShouldBe("""{"mood":5,"n":1}""");
    });

    [Fact]
    public void A_transient_change_is_only_broadcast() => World.Run(async world =>
    {
        var node = await Begin(world);
        var watcher = node.Watch(A);
        world.Settle();
        await node.Do(Make.Set(A, "place.x", 5));
        watcher.Log.ShouldBe(["start 1", "change 0"]);
        watcher.Mirror.Text.ShouldBe("""{"n":1,"place":{"x":5}}""");
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        (await node.Do(Make.Delta(A, delta =>
        {
            delta.Set("place.x", 6);
            delta.Increment("n", 1);
        }))).ShouldBe(2);
        watcher.Log.ShouldBe(["start 1", "change 0", "change 2", "change 0"]);
        await node.StopAsync();
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("""{"n":2}""");
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void In_a_unit_of_several_all_mutations_are_journaled(int place) => World.Run(async world =>
    {
        var node = await Begin(world);
        var unit = new[] { Make.Set(A, "n", 7), Make.Set(A, "n", 7) };
        unit[place] = Make.Set(A, "place", 1);
        unit[1 - place] = Make.Set(B, "n", 7);
        var submitted = node.Submit(new TestUnit(unit).By(1, 1));
        (await submitted.Answer).ShouldBeNull();
        (await node.Do(Make.Set(A, "mood", 1), Make.Set(B, "mood", 2))).ShouldBe(3);
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A), await node.Json(B)).ShouldBe(("""{"mood":1,"n":1}""", """{"mood":2,"n":7}"""));
        var repeat = node.Submit(submitted.Again());
        await repeat.Answer;
        repeat.Text.ShouldBe("2,2");
    });

    [Fact]
    public void A_deferred_property_can_be_taken_away() => World.Run(async world =>
    {
        var node = await Begin(world);
        await node.Do(Make.Set(A, "mood", 1));
        world.Pass(2);
        await node.Do(Make.Set(A, "mood", 2));
        await node.Do(Make.Delta(A, delta => delta.Remove("mood")));
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void Processing_a_message_takes_a_record_also_when_all_that_changes_is_deferred() => World.Run(async world =>
    {
        var node = await Begin(world);
        await node.Do(Make.Message(A));
        await node.Open(A, 1).Opened;
        (await node.Submit(Make.Set(A, "mood", 1).Under(1).Processing(1).By(1, 2)).Answer).ShouldBeNull();
        node.Crash();
        node = await world.StartAsync();
        var back = node.Open(A, 1, request: 3, resume: 1);
        await back.Opened;
        (back.Messages.Count, back.Mirror.Text).ShouldBe((0, """{"mood":1,"n":1}"""));
    });

    [Fact]
    public void A_refused_deferred_change_leaves_no_trace_and_lets_the_entity_go() => World.Run(async world =>
    {
        var node = await Begin(world);
        (await node.Code(Make.Delta(A, delta =>
        {
            delta.Set("mood", 1);
            delta.Increment("mood.x", 1);
        }))).ShouldBe(RefusalCode.Document);
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        world.Pass(45);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(0);
    });

    [Fact]
    public void A_deferred_change_stands_and_is_remembered_when_the_commit_it_waited_for_fails() => World.Run(async world =>
    {
        var node = await Begin(world);
        var watcher = node.Watch(A);
        world.Settle();
        var stall = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.Add(B, "n", 1));
        await stall.Reached;
        var deferred = node.Submit(Make.Add(A, "mood", 1).By(1, 1));
        stall.Fail(new StoreException("broken", WriteOutcome.NotApplied, isTransient: false));
        await deferred.Answer;
        deferred.Text.ShouldBe("1");
        watcher.Log.ShouldBe(["start 1", "change 0"]);
        await node.Submit(deferred.Again()).Answer;
        (await node.Json(A)).ShouldBe("""{"mood":1,"n":1}""");
    });

    [Fact]
    public void A_deferred_change_on_a_change_that_is_taken_back_goes_with_it() => World.Run(async world =>
    {
        var node = await Begin(world);
        var stall = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.Add(A, "n", 1));
        await stall.Reached;
        var deferred = node.Submit(Make.Add(A, "mood", 1).By(1, 1));
        stall.Fail(new StoreException("broken", WriteOutcome.NotApplied, isTransient: false));
        await deferred.Answer;
        deferred.Text.ShouldBe("Unavailable");
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        await node.Submit(deferred.Again()).Answer;
        (await node.Json(A)).ShouldBe("""{"mood":1,"n":1}""");
    });

    [Fact]
    public void An_intent_sees_what_is_deferred_and_removal_ends_it() => World.Run(async world =>
    {
        var node = await Begin(world);
        await node.Do(Make.Set(A, "mood", 1));
        await node.Do(Make.Remove(A));
        await node.Do(Make.Set(A, "n", 5));
        (await node.Json(A)).ShouldBe("""{"n":5}""");
        world.Pass(2);
        (await node.Json(A)).ShouldBe("""{"n":5}""");
    });

    private static async Task<Node> Begin(World world)
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        return node;
    }
}
