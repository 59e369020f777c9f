using Savepoint.Engine.Ownership;

namespace Savepoint.Engine.Tests;

/// <summary>A node of a cluster takes shards one by one, while it serves others.</summary>
public sealed class TakingTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    [Fact]
    public void A_node_of_a_cluster_starts_with_no_shard_and_says_so_to_whoever_asks() => World.Run(async world =>
    {
        var node = await world.JoinAsync([]);
        (await node.Code(Make.Set(A, "n", 1))).ShouldBe(RefusalCode.NotOwner);
        node.Read(A).Text.ShouldBe("NotOwner");
        node.Watch(A).Log.ShouldBe(["refused NotOwner"]);
        node.Open(A, 1).Text.ShouldBe("NotOwner");
        var snapshot = node.Engine.Snapshot();
        snapshot.ServedShards.ShouldBeEmpty();
        snapshot.FailedShards.ShouldBeEmpty();
        world.Journal(0).ShouldBeEmpty();
        world.StateOf(0).Epoch.ShouldBe(0);
    });

    [Fact]
    public void It_serves_what_it_has_taken_and_leaves_the_rest_to_others() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0, 2]);
        var second = await world.JoinAsync([1, 3]);
        await first.Do(Make.Set(A, "n", 1));
        await second.Do(Make.Set(B, "n", 2));
        (await first.Code(Make.Set(B, "n", 3))).ShouldBe(RefusalCode.NotOwner);
        (await second.Code(Make.Set(A, "n", 3))).ShouldBe(RefusalCode.NotOwner);
        (await first.Json(A)).ShouldBe("""{"n":1}""");
        (await second.Json(B)).ShouldBe("""{"n":2}""");
        first.Engine.Snapshot().ServedShards.ShouldBe([0, 2]);
        world.StateOf(0).Epoch.ShouldBe(1);
        world.StateOf(1).Epoch.ShouldBe(1);
    });

    [Fact]
    public void A_unit_over_a_shard_that_is_not_owned_is_refused_whole_and_names_the_mutation() => World.Run(async world =>
    {
        var node = await world.JoinAsync([0]);
        var unit = node.Submit(new TestUnit(Make.Set(A, "n", 1), Make.Set(B, "n", 1)).By(1, 1));
        var refusal = (await unit.Answer)!;
        (refusal.Code, refusal.Mutation, refusal.Key, refusal.IsTransient).ShouldBe((RefusalCode.NotOwner, 1, B, true));
        (await node.Json(A)).ShouldBe("none");

        await node.Take(1);
        var again = node.Submit(unit.Again());
        (await again.Answer).ShouldBeNull();
        again.Versions.ShouldBe([1, 1]);
    });

    [Fact]
    public void Others_are_served_while_a_shard_is_recovered_and_each_as_soon_as_it_is() => World.Run(async world =>
    {
        var old = await world.StartAsync();
        await old.Do(Make.Set(B, "n", 1));
        old.Checkpoint();
        await old.Do(Make.Set(B, "n", 2));
        var node = await world.JoinAsync([0]);
        var stall = node.Faults.StallNext(StoreOperation.ReadEntities);
        var taking = node.TryTake(1, 2, 3);
        await stall.Reached;
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(World.KeyIn(3), "n", 1));
        (await node.Code(Make.Set(B, "n", 3))).ShouldBe(RefusalCode.Unavailable);
        node.Engine.Snapshot().ServedShards.ShouldBe([0, 2, 3]);
        stall.Release();
        (await taking).ShouldAllBe(taken => taken.Outcome == TakeOutcome.Served);
        (await node.Json(B)).ShouldBe("""{"n":2}""");
    });

    [Fact]
    public void Of_two_that_take_a_shard_at_once_one_serves_it_and_the_other_is_told() => World.Run(async world =>
    {
        var first = await world.JoinAsync([]);
        var stall = first.Faults.StallNext(StoreOperation.Append);
        var taking = first.TryTake(0);
        await stall.Reached;
        var second = await world.JoinAsync([0]);
        stall.Release();
        (await taking).ShouldHaveSingleItem().Outcome.ShouldBe(TakeOutcome.TakenByAnother);
        first.Engine.Snapshot().FailedShards.ShouldBeEmpty("it never served it");
        (await first.Code(Make.Set(A, "n", 1))).ShouldBe(RefusalCode.NotOwner);
        (await second.Do(Make.Set(A, "n", 1))).ShouldBe(1);
    });

    [Fact]
    public void Who_is_overtaken_before_its_barrier_does_not_take_the_shard_from_the_one_that_serves_it() => World.Run(async world =>
    {
        var first = await world.JoinAsync([]);
        var stall = first.Faults.StallNext(StoreOperation.ReadJournal);
        var taking = first.TryTake(0);
        await stall.Reached;
        var second = await world.JoinAsync([0]);
        stall.Release();
        (await taking).ShouldHaveSingleItem().Outcome.ShouldBe(TakeOutcome.TakenByAnother);
        (await second.Do(Make.Set(A, "n", 1))).ShouldBe(1);
        world.Journal(0).Select(segment => segment.Epoch).ShouldBe([2, 2]);
    });

    [Fact]
    public void What_is_dropped_while_it_is_being_taken_is_not_served() => World.Run(async world =>
    {
        var old = await world.StartAsync();
        await old.Do(Make.Set(A, "n", 1));
        old.Checkpoint();
        await old.Do(Make.Set(A, "n", 2));
        var node = await world.JoinAsync([]);
        var stall = node.Faults.StallNext(StoreOperation.ReadEntities);
        var taking = node.TryTake(0);
        await stall.Reached;
        node.Engine.DropShards([0]);
        stall.Release();
        (await taking).ShouldHaveSingleItem().Outcome.ShouldBe(TakeOutcome.TakenByAnother);
        (await node.Code(Make.Set(A, "n", 3))).ShouldBe(RefusalCode.NotOwner);
        (node.Engine.Snapshot().ResidentEntities, node.Engine.Snapshot().UncheckpointedRecords).ShouldBe((0, 0));
        await node.Take(0);
        (await node.Json(A)).ShouldBe("""{"n":2}""");
    });

    [Fact]
    public void Who_is_overtaken_during_its_replay_is_told_that_it_lost_and_not_of_damage() => World.Run(async world =>
    {
        var old = await world.StartAsync();
        await old.Do(Make.Set(A, "n", 1));
        old.Checkpoint();
        await old.Do(Make.Set(A, "n", 2));
        old.Crash();
        var first = await world.JoinAsync([]);
        var stall = first.Faults.StallNext(StoreOperation.ReadEntities);
        var taking = first.TryTake(0);
        await stall.Reached;
        var second = await world.JoinAsync([0]);
        await second.Do(Make.Set(A, "n", 3));
        stall.Release();
        (await taking).ShouldHaveSingleItem().Outcome.ShouldBeOneOf(TakeOutcome.TakenByAnother, TakeOutcome.Served);
        (await first.Code(Make.Set(A, "n", 4))).ShouldBeOneOf(RefusalCode.NotOwner, RefusalCode.Unavailable);
        (await second.Json(A)).ShouldBe("""{"n":3}""");
    });

    [Fact]
    public void A_shard_that_could_not_be_taken_for_a_failing_store_can_be_taken_later() => World.Run(async world =>
    {
        var node = await world.JoinAsync([1]);
        node.Faults.FailNext(StoreOperation.Append);
        var failed = (await node.TryTake(0)).ShouldHaveSingleItem();
        (failed.Outcome, failed.Reason is not null).ShouldBe((TakeOutcome.StoreFailed, true));
        (await node.Code(Make.Set(A, "n", 1))).ShouldBe(RefusalCode.NotOwner);
        await node.Do(Make.Set(B, "n", 1));
        await node.Take(0);
        (await node.Do(Make.Set(A, "n", 1))).ShouldBe(1);
    });

    [Fact]
    public void A_damaged_shard_is_not_served_and_the_others_are() => World.Run(async world =>
    {
        var old = await world.StartAsync();
        await old.Do(Make.Set(A, "n", 1));
        old.Crash();
        world.Database.Journal(0, journal =>
        {
            var segments = journal.Read(0, int.MaxValue);
            journal.Replace([segments[0], segments[1] with { Payload = segments[1].Payload[..^4] }]);
            return true;
        });
        var node = await world.JoinAsync([]);
        var taken = await node.TryTake(0, 1);
        taken.Select(one => one.Outcome).ShouldBe([TakeOutcome.Damaged, TakeOutcome.Served]);
        (await node.Code(Make.Set(A, "n", 2))).ShouldBe(RefusalCode.Unavailable);
        node.Engine.Snapshot().FailedShards.Keys.ShouldBe([0]);
        await node.Release(0);
        node.Engine.Snapshot().FailedShards.ShouldBeEmpty("it was given up");
    });

    [Fact]
    public void Who_serves_a_shard_that_another_takes_finds_out_at_its_next_write_and_can_take_it_again() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0, 1]);
        await first.Do(Make.Set(A, "n", 1));
        var watcher = first.Watch(A);
        world.Settle();
        var second = await world.JoinAsync([0]);
        await second.Do(Make.Set(A, "n", 2));

        (await first.Code(Make.Set(A, "n", 9))).ShouldBe(RefusalCode.Unavailable);
        (await first.Code(Make.Set(A, "n", 9))).ShouldBe(RefusalCode.NotOwner);
        watcher.Log.ShouldBe(["start 1", "lost"]);
        await first.Do(Make.Set(B, "n", 1));
        first.Engine.Snapshot().ServedShards.ShouldBe([1]);
        first.Engine.Snapshot().FailedShards.Keys.ShouldBe([0]);

        await first.Take(0);
        first.Engine.Snapshot().FailedShards.ShouldBeEmpty();
        (await first.Json(A)).ShouldBe("""{"n":2}""");
        (await first.Do(Make.Set(A, "n", 3))).ShouldBe(3);
        (await second.Code(Make.Set(A, "n", 9))).ShouldBe(RefusalCode.Unavailable);
    });

    [Fact]
    public void Who_takes_what_it_believes_to_serve_finds_out_whether_it_does() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0, 1]);
        await first.Do(Make.Set(A, "n", 1));
        await first.Take(0, 1);
        world.StateOf(0).Epoch.ShouldBe(1, "it was its own all the time");
        var second = await world.JoinAsync([0]);
        await second.Do(Make.Set(A, "n", 2));
        await first.Take(0, 1);
        (world.StateOf(0).Epoch, world.StateOf(1).Epoch).ShouldBe((3, 1));
        (await first.Json(A)).ShouldBe("""{"n":2}""");
    });

    [Fact]
    public void What_a_former_ownership_was_loading_is_nothing_to_the_next_one() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        await first.Do(Make.Set(A, "n", 1));
        await first.Release(0);
        await first.Take(0);
        var stall = first.Faults.StallNext(StoreOperation.ReadEntities);
        var parked = first.Submit(Make.Add(A, "n", 1));
        await stall.Reached;
        first.Engine.DropShards([0]);
        var second = await world.JoinAsync([0]);
        await second.Do(Make.Set(A, "n", 5));
        await second.Release(0);
        await first.Take(0);
        parked.Text.ShouldBe("NotOwner");
        stall.Release();
        world.Settle();
        (await first.Json(A)).ShouldBe("""{"n":5}""");
        (await first.Do(Make.Add(A, "n", 1))).ShouldBe(3);
    });

    [Fact]
    public void A_shard_is_taken_again_only_once_everybody_who_waited_for_the_last_ownership_was_answered() => World.Run(async world =>
    {
        var node = await world.JoinAsync([0]);
        await node.Do(Make.Set(A, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var unit = node.Submit(Make.Set(A, "n", 2));
        await stall.Reached;
        node.Engine.DropShards([0]);
        var taking = node.TryTake(0);
        world.Settle();
        (unit.Text, taking.IsCompleted).ShouldBe(("pending", false));
        stall.Release();
        (await taking).ShouldHaveSingleItem().Outcome.ShouldBe(TakeOutcome.Served);
        unit.Text.ShouldBe("2");
        (await node.Json(A)).ShouldBe("""{"n":2}""");
        node.Engine.Snapshot().QueuedUnits.ShouldBe(0);
    });
}
