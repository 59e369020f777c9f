namespace Savepoint.Engine.Tests;

/// <summary>I1: of two writers one loses.</summary>
public sealed class OwnershipTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    [Fact]
    public void After_a_take_over_the_first_owners_next_commit_loses_and_nothing_of_it_is_applied() => World.Run(async world =>
    {
        var first = await world.StartAsync();
        await first.Do(Make.Set(A, "n", 1));
        var second = await world.StartAsync();

        var lost = await first.Try(Make.Set(A, "n", 2));
        lost!.Code.ShouldBe(RefusalCode.Unavailable);
        (await first.Json(A)).ShouldBe("NotOwner");
        first.Engine.Snapshot().FailedShards.Keys.ShouldBe([0]);

        (await second.Json(A)).ShouldBe("""{"n":1}""");
        (await second.Do(Make.Set(A, "n", 3))).ShouldBe(2);
    });

    [Fact]
    public void Who_loses_one_shard_loses_the_others_with_their_next_commits() => World.Run(async world =>
    {
        var first = await world.StartAsync();
        await first.Do(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        await world.StartAsync();
        (await first.Code(Make.Set(A, "n", 2), Make.Set(B, "n", 2))).ShouldBe(RefusalCode.Unavailable);
        (await first.Code(Make.Set(B, "n", 2))).ShouldBe(RefusalCode.Unavailable);
        (await first.Code(Make.Set(B, "n", 2))).ShouldBe(RefusalCode.NotOwner);
        first.Engine.Snapshot().FailedShards.Count.ShouldBe(2);
    });

    [Fact]
    public void Each_owner_has_a_higher_epoch_and_begins_with_a_barrier() => World.Run(async world =>
    {
        var first = await world.StartAsync();
        await first.Do(Make.Set(A, "n", 1));
        await world.StartAsync();
        world.StateOf(0).Epoch.ShouldBe(2);
        world.Journal(0).Select(segment => (segment.Epoch, segment.IsBarrier)).ShouldBe([(1, true), (1, false), (2, true)]);
    });

    [Fact]
    public void The_checkpoints_of_a_former_owner_are_refused() => World.Run(async world =>
    {
        var first = await world.StartAsync();
        await first.Do(Make.Set(A, "n", 1));
        var second = await world.StartAsync();
        first.Checkpoint();
        second.Crash();
        world.StateOf(0).CheckpointSequence.ShouldBe(3, "the barrier of the second is the newest that its own checkpoint may reach");
        world.StateOf(0).Epoch.ShouldBe(2);
    });

    [Fact]
    public void The_checkpoints_of_a_former_owner_alone_change_no_shard_state() => World.Run(async world =>
    {
        var first = await world.StartAsync();
        await first.Do(Make.Set(A, "n", 1));
        var second = await world.StartAsync();
        second.Crash();
        first.Checkpoint();
        world.StateOf(0).CheckpointSequence.ShouldBe(0);
        var third = await world.StartAsync();
        (await third.Json(A)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_take_over_succeeds_while_the_first_owner_goes_on_committing() => World.Run(async world =>
    {
        var first = await world.StartAsync();
        await first.Do(Make.Set(A, "n", 1));
        var second = world.NewNode();
        var stall = second.Faults.StallNext(StoreOperation.Append);
        var starting = second.StartAsync();
        await stall.Reached;
        await first.Do(Make.Set(A, "n", 2));
        stall.Release();
        await starting;
        (await second.Json(A)).ShouldBe("""{"n":2}""");
        (await first.Code(Make.Set(A, "n", 3))).ShouldBe(RefusalCode.Unavailable);
    });

    [Fact]
    public void Of_two_that_start_at_once_the_later_one_serves() => World.Run(async world =>
    {
        var first = world.NewNode();
        var stall = first.Faults.StallNext(StoreOperation.Append);
        var starting = first.StartAsync();
        await stall.Reached;
        var second = await world.StartAsync();
        stall.Release();
        await starting;
        first.Engine.Snapshot().FailedShards.Count.ShouldBe(World.Shards);
        (await first.Code(Make.Set(A, "n", 1))).ShouldBe(RefusalCode.NotOwner);
        (await second.Do(Make.Set(A, "n", 1))).ShouldBe(1);
    });

    [Fact]
    public void Watchers_and_session_waiters_of_a_lost_shard_are_told() => World.Run(async world =>
    {
        var first = await world.StartAsync();
        var other = World.KeyIn(0, 1);
        await first.Do(Make.Set(A, "n", 1), Make.Set(other, "n", 1));
        var watcher = first.Watch(other);
        var holder = first.Open(other, 1);
        var waiter = first.Open(other, 2);
        await holder.Opened;
        await world.StartAsync();
        (await first.Code(Make.Set(A, "n", 2))).ShouldBe(RefusalCode.Unavailable);
        world.Settle();
        watcher.Log.ShouldBe(["start 1", "lost"]);
        holder.Log[^1].ShouldBe("lost");
        waiter.Text.ShouldBe("Unavailable");
        first.Engine.Snapshot().Sessions.ShouldBe(0);
        first.Engine.Snapshot().Watchers.ShouldBe(0);
    });

    [Fact]
    public void A_former_owner_that_finds_out_by_its_checkpoint_stops_serving_at_once() => World.Run(async world =>
    {
        var first = await world.StartAsync();
        await first.Do(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        var watcher = first.Watch(A);
        var holder = first.Open(A, 1);
        var waiter = first.Open(A, 2);
        await holder.Opened;
        var second = await world.StartAsync();
        first.Checkpoint();
        first.Engine.Snapshot().FailedShards.Count.ShouldBe(World.Shards);
        first.Read(A).Text.ShouldBe("NotOwner");
        first.Submit(Make.Set(A, "n", 2)).Text.ShouldBe("NotOwner");
        (watcher.Log[^1], holder.Log[^1], waiter.Text).ShouldBe(("lost", "lost", "NotOwner"));
        var snapshot = first.Engine.Snapshot();
        (snapshot.Sessions, snapshot.Watchers, snapshot.ResidentEntities, snapshot.UncheckpointedRecords).ShouldBe((0, 0, 0, 0));
        (await second.Do(Make.Set(B, "n", 2))).ShouldBe(2);
        await first.StopAsync();
    });

    [Fact]
    public void What_a_former_owner_has_under_way_when_it_finds_out_is_answered_as_it_ends() => World.Run(async world =>
    {
        var first = await world.StartAsync();
        await first.Do(Make.Set(A, "n", 1));
        var checkpoint = first.Faults.StallNext(StoreOperation.WriteCheckpoint);
        world.Pass(1.2);
        await checkpoint.Reached;
        var append = first.Faults.StallNext(StoreOperation.Append);
        var unit = first.Submit(Make.Set(A, "n", 2));
        var watcher = first.Watch(A);
        await append.Reached;
        var second = await world.StartAsync();
        checkpoint.Release();
        world.Settle();
        first.Engine.Snapshot().FailedShards.Keys.ShouldContain(0);
        unit.Text.ShouldBe("pending");
        append.Release();
        await unit.Answer;
        unit.Text.ShouldBe("Unavailable");
        watcher.Log.ShouldBe(["refused Unavailable"]);
        (await second.Json(A)).ShouldBe("""{"n":1}""");
        first.Engine.Snapshot().UncheckpointedRecords.ShouldBe(0);
        await first.StopAsync();
    });
}
