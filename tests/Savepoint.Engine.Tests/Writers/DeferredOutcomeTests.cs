namespace Savepoint.Engine.Tests;

/// <summary>I4 for changes of Deferred properties alone: their outcome becomes durable with them, never before and never later.</summary>
public sealed class DeferredOutcomeTests
{
    private static readonly EntityKey A = World.KeyIn(0, kind: "body");
    private static readonly EntityKey Neighbour = World.KeyIn(0, 1, kind: "body");

    public enum Way
    {
        SaveInterval,
        NextChange,
        Stop,
    }

    [Theory]
    [InlineData(Way.SaveInterval, false)]
    [InlineData(Way.SaveInterval, true)]
    [InlineData(Way.NextChange, false)]
    [InlineData(Way.NextChange, true)]
    [InlineData(Way.Stop, false)]
    public void What_was_journaled_is_not_done_again(Way way, bool isCheckpointed) => World.Run(async world =>
    {
        var node = await Begin(world);
        var one = node.Submit(Make.Add(A, "mood", 1).By(1, 1));
        var two = node.Submit(Make.Add(A, "mood", 1).By(2, 5));
        await one.Answer;
        await two.Answer;
        if (way == Way.SaveInterval)
            world.Pass(1.3);
        if (way == Way.NextChange)
            await node.Do(Make.Add(A, "n", 1));
        if (isCheckpointed)
            node.Checkpoint();
        if (way == Way.Stop)
            await node.StopAsync();
        else
            node.Crash();

        node = await world.StartAsync();
        foreach (var first in new[] { one, two })
        {
            var again = node.Submit(first.Again());
            await again.Answer;
            again.Text.ShouldBe("1");
        }

        (await node.Json(A)).ShouldStartWith("""{"mood":2,""");
    });

    [Fact]
    public void What_a_crash_lost_counts_when_it_is_sent_again() => World.Run(async world =>
    {
        var node = await Begin(world);
        world.Pass(0.7);
        var deferred = node.Submit(Make.Add(A, "mood", 1).By(1, 1));
        await deferred.Answer;

        // A checkpoint in between stores what is known of writers, and must not tell of a change that is in no journal.
        await node.Do(Make.Add(Neighbour, "n", 1));
        world.Pass(0.6);
        world.StateOf(0).CheckpointSequence.ShouldBeGreaterThan(3);
        node.Crash();

        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        await node.Submit(deferred.Again()).Answer;
        (await node.Json(A)).ShouldBe("""{"mood":1,"n":1}""");
    });

    [Fact]
    public void A_removal_takes_its_outcome_along() => World.Run(async world =>
    {
        var node = await Begin(world);
        var deferred = node.Submit(Make.Add(A, "mood", 1).By(1, 1));
        await deferred.Answer;
        await node.Do(Make.Remove(A));
        node.Crash();
        node = await world.StartAsync();
        var again = node.Submit(deferred.Again());
        await again.Answer;
        again.Text.ShouldBe("1");
        (await node.Json(A)).ShouldBe("none");
    });

    [Fact]
    public void An_overlay_that_goes_with_its_entity_takes_its_outcome_along() => World.Run(async world =>
    {
        var node = await Begin(world);
        var deferred = node.Submit(Make.Add(A, "mood", 1).By(1, 1));
        await deferred.Answer;

        // A message makes a record, but does not take the overlay along.
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Code(Make.Message(A))).ShouldBe(RefusalCode.Unavailable);
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        await node.Submit(deferred.Again()).Answer;
        (await node.Json(A)).ShouldBe("""{"mood":1,"n":1}""");
    });

    [Fact]
    public void An_overlay_whose_record_fails_takes_its_outcome_along() => World.Run(async world =>
    {
        var node = await Begin(world);
        var deferred = node.Submit(Make.Add(A, "mood", 1).By(1, 1));
        await deferred.Answer;
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        world.Pass(1.3);
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        await node.Submit(deferred.Again()).Answer;
        (await node.Json(A)).ShouldBe("""{"mood":1,"n":1}""");
    });

    [Fact]
    public void A_repeat_before_it_is_journaled_gets_the_first_outcome() => World.Run(async world =>
    {
        var node = await Begin(world);
        var deferred = node.Submit(Make.Add(A, "mood", 1).By(1, 1));
        await deferred.Answer;
        node.Submit(deferred.Again()).Text.ShouldBe("1");
        world.Pass(2);
        node.Submit(deferred.Again()).Text.ShouldBe("1");
        (await node.Json(A)).ShouldBe("""{"mood":1,"n":1}""");
    });

    [Fact]
    public void What_the_writer_has_received_is_never_done_again_once_it_is_journaled() => World.Run(async world =>
    {
        var node = await Begin(world);
        await node.Submit(Make.Add(A, "mood", 1).By(1, 1)).Answer;
        await node.Submit(Make.Add(A, "mood", 1).By(1, 2, received: 1)).Answer;
        world.Pass(1.3);
        node.Crash();
        node = await world.StartAsync();
        (await node.Submit(Make.Add(A, "mood", 1).By(1, 1)).Answer)!.Code.ShouldBe(RefusalCode.RequestForgotten);
        (await node.Json(A)).ShouldBe("""{"mood":2,"n":1}""");
    });

    private static async Task<Node> Begin(World world)
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1), Make.Set(Neighbour, "n", 1));
        return node;
    }
}
