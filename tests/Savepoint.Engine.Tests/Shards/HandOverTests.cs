using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>A shard that is handed over leaves its next owner nothing to replay and nothing to wait for.</summary>
public sealed class HandOverTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);
    private static readonly EntityKey Body = World.KeyIn(0, kind: "body");

    [Fact]
    public void Everything_is_stored_and_the_journal_ends_where_it_says() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0, 1]);
        await first.Do(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        await first.Do(Make.Set(A, "n", 2));
        var released = (await first.Release(0)).ShouldHaveSingleItem();
        (released.Shard, released.LastSequence, released.IsCheckpointed).ShouldBe((0, 3, true));
        world.Journal(0)[^1].LastSequence.ShouldBe(3);
        world.StateOf(0).CheckpointSequence.ShouldBe(3);
        world.Stored(A)!.Version.ShouldBe(2);
        (await first.Json(A)).ShouldBe("NotOwner");
        (await first.Do(Make.Set(B, "n", 2))).ShouldBe(2);

        var second = await world.JoinAsync([0]);
        second.Engine.Snapshot().UncheckpointedRecords.ShouldBe(1, "its own barrier");
        (await second.Json(A)).ShouldBe("""{"n":2}""");
    });

    [Fact]
    public void What_is_queued_is_committed_and_answered_and_what_comes_later_is_refused() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        await first.Do(Make.Set(A, "n", 1));
        var stall = first.Faults.StallNext(StoreOperation.Append);
        var underWay = first.Submit(Make.Set(A, "n", 2));
        await stall.Reached;
        var queued = first.Submit(Make.Set(A, "n", 3));
        var reading = first.Read(A);
        var releasing = first.Release(0);
        world.Settle();
        releasing.IsCompleted.ShouldBeFalse("two changes are not durable");
        stall.Release();
        var released = await releasing;
        (underWay.Text, queued.Text, reading.Text).ShouldBe(("2", "3", """{"n":3}"""));
        released[0].LastSequence.ShouldBe(world.Journal(0)[^1].LastSequence);
        first.Submit(Make.Set(A, "n", 4)).Text.ShouldBe("NotOwner");
    });

    [Fact]
    public void Requests_are_taken_until_what_had_changed_before_is_stored() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        await first.Do(Make.Set(A, "n", 1));
        var stall = first.Faults.StallNext(StoreOperation.WriteCheckpoint);
        var releasing = first.Release(0);
        await stall.Reached;
        (await first.Do(Make.Set(A, "n", 2))).ShouldBe(2);
        stall.Release();
        (await releasing).ShouldHaveSingleItem().IsCheckpointed.ShouldBeTrue();
        world.Stored(A)!.Version.ShouldBe(2);
    });

    [Fact]
    public void It_waits_for_the_checkpoint_that_is_under_way_and_does_not_pass_what_that_still_writes() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        await first.Do(Make.Set(A, "n", 1));
        var stall = first.Faults.StallNext(StoreOperation.WriteCheckpoint);
        world.Pass(1.2);
        await stall.Reached;
        var releasing = first.Release(0);
        world.Settle();
        (releasing.IsCompleted, world.StateOf(0).CheckpointSequence).ShouldBe((false, 0));
        stall.Release();
        (await releasing).ShouldHaveSingleItem().IsCheckpointed.ShouldBeTrue();
        world.Stored(A)!.Version.ShouldBe(1);
    });

    [Fact]
    public void The_pause_is_one_commit_and_one_small_checkpoint() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        for (var i = 0; i < 100; i++)
            await first.Do(Make.Set(World.KeyIn(0, i), "n", 1));
        var serving = first.Faults.StallNext(StoreOperation.WriteCheckpoint);
        var releasing = first.Release(0);
        await serving.Reached;
        await first.Do(Make.Set(A, "n", 2));
        var (appends, checkpoints) = (first.Crashes.Appends, first.Crashes.Checkpoints.Count);
        serving.Release();
        await releasing;
        first.Crashes.Appends.ShouldBe(appends, "everything was committed already");
        first.Crashes.Checkpoints.Skip(checkpoints).Select(batch => (batch.Entities.Count, batch.Shards.Count))
            .ShouldBe([(100, 0), (0, 1), (1, 0), (0, 1)], "the last two are made in the pause");
    });

    [Fact]
    public void Outcomes_are_remembered_by_the_next_owner() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        var done = first.Submit(Make.Set(A, "n", 1).By(1, 1));
        var refused = first.Submit(Make.Set(A, "n", 2).At(9).By(1, 2));
        await done.Answer;
        await refused.Answer;
        await first.Release(0);
        var second = await world.JoinAsync([0]);
        (await second.Submit(done.Again()).Answer).ShouldBeNull();
        (await second.Submit(refused.Again()).Answer)!.Code.ShouldBe(RefusalCode.VersionMismatch);
        (await second.Json(A)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void Watchers_and_holders_are_told_and_the_session_goes_on_at_the_next_owner() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        var watcher = first.Watch(A);
        var holder = first.Open(A, 1);
        await holder.Opened;
        var waiter = first.Open(A, 2);
        world.Settle();
        await first.Release(0);
        world.Settle();
        watcher.Log[^1].ShouldBe("lost");
        holder.Log[^1].ShouldBe("lost");
        waiter.Text.ShouldBe("NotOwner");

        var second = await world.JoinAsync([0]);
        var resumed = second.Open(A, 1, request: 0, resume: 1);
        await resumed.Opened;
        resumed.Text.ShouldBe("resumed 1");
        var late = second.Open(A, 2, policy: SessionConflictPolicy.Fail);
        await late.Opened;
        late.Text.ShouldBe("held by server-1");
    });

    [Fact]
    public void A_session_that_nobody_resumes_ends_one_lease_after_the_take_over() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        await first.Open(A, 1).Opened;
        await first.Release(0);
        world.Pass(60);
        var second = await world.JoinAsync([0]);
        var next = second.Open(A, 2);
        world.Pass(29);
        next.Text.ShouldBe("pending");
        world.Pass(2);
        next.Text.ShouldBe("opened 2");
    });

    [Fact]
    public void Who_waits_for_a_load_is_told_at_once() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        var stall = first.Faults.StallNext(StoreOperation.ReadEntities);
        var unit = first.Submit(Make.Set(A, "n", 1));
        var reading = first.Read(A);
        await stall.Reached;
        await first.Release(0);
        (unit.Text, reading.Text).ShouldBe(("NotOwner", "NotOwner"));
        stall.Release();
        world.Settle();
        first.Engine.Snapshot().ResidentEntities.ShouldBe(0);
    });

    [Fact]
    public void What_Deferred_properties_hold_goes_along() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        await first.Do(Make.Set(Body, "n", 1));
        await first.Do(Make.Set(Body, "mood", "merry"));
        await first.Release(0);
        var second = await world.JoinAsync([0]);
        (await second.Json(Body)).ShouldBe("""{"mood":"merry","n":1}""");
    });

    [Fact]
    public void The_relay_goes_on_from_where_it_was_and_publishes_nothing_twice() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher();
        var first = await world.JoinAsync([0, 1], publisher: publisher);
        for (var i = 0; i < 5; i++)
            await first.Do(Make.Add(A, "n", 1));
        world.Settle();
        await first.Release(0);
        var second = await world.JoinAsync([0], publisher: publisher);
        for (var i = 0; i < 5; i++)
            await second.Do(Make.Add(A, "n", 1));
        await second.Release(0);
        await first.Take(0);
        await first.Do(Make.Add(A, "n", 1));
        world.Settle();
        publisher.Versions(A).ShouldBe(Enumerable.Range(1, 11).Select(version => (long)version));
        first.Engine.Snapshot().UnpublishedRecords.ShouldBe(0);
    });

    [Fact]
    public void A_shard_that_is_given_up_is_published_no_further() => World.Run(async world =>
    {
        var old = await world.JoinAsync([0]);
        for (var i = 0; i < 3; i++)
            await old.Do(Make.Add(A, "n", 1));
        await old.Release(0);
        var publisher = new MemoryPublisher();
        var stall = publisher.Stall();
        var first = await world.JoinAsync([0], publisher: publisher);
        world.Settle();
        await first.Release(0);
        stall.SetResult();
        world.Settle();
        publisher.Versions(A).ShouldBe([1L], "what was on its way when it was given up");
        await world.JoinAsync([0], publisher: publisher);
        world.Settle();
        publisher.Versions(A).ShouldBe([1L, 1L, 2L, 3L]);
    });

    [Fact]
    public void Nothing_of_a_shard_stays_in_memory() => World.Run(async world =>
    {
        var node = await world.JoinAsync([0, 1]);
        await node.Open(A, 1).Opened;
        node.Watch(A);
        await node.Do(Make.Set(World.KeyIn(0, 1), "n", 1), Make.Set(B, "n", 1));
        await node.Release(0, 1);
        world.Settle();
        var snapshot = node.Engine.Snapshot();
        (snapshot.ResidentEntities, snapshot.Sessions, snapshot.Watchers, snapshot.UncheckpointedRecords).ShouldBe((0, 0, 0, 0));
        (snapshot.QueuedUnits, snapshot.QueuedBytes, snapshot.UnpublishedRecords).ShouldBe((0, 0, 0));
        snapshot.ServedShards.ShouldBeEmpty();
        snapshot.FailedShards.ShouldBeEmpty();
        await node.Take(0, 1);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(0, "nothing had to be replayed");
        await node.StopAsync();
    });

    [Fact]
    public void While_the_store_takes_no_checkpoints_it_ends_all_the_same_and_nothing_is_lost() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        await first.Do(Make.Set(A, "n", 1));
        first.Faults.FailNext(StoreOperation.WriteCheckpoint, times: 1000);
        var releasing = first.Release(0);
        world.Pass(3.5);
        first.Submit(Make.Set(A, "n", 2)).Text.ShouldBe("NotOwner");
        world.Pass(3);
        var released = (await releasing).ShouldHaveSingleItem();
        (released.LastSequence, released.IsCheckpointed).ShouldBe((2, false));
        var second = await world.JoinAsync([0]);
        (await second.Json(A)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void While_a_commit_hangs_it_ends_all_the_same_and_the_commit_is_answered_as_it_ends() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        await first.Do(Make.Set(A, "n", 1));
        first.Checkpoint();
        var stall = first.Faults.StallNext(StoreOperation.Append);
        var unit = first.Submit(Make.Set(A, "n", 2));
        var behind = first.Submit(Make.Set(A, "n", 3));
        await stall.Reached;
        var watcher = first.Watch(A);
        var releasing = first.Release(0);
        world.Pass(7);
        (await releasing).ShouldHaveSingleItem().LastSequence.ShouldBe(2);
        (unit.Text, behind.Text).ShouldBe(("pending", "pending"));
        first.Engine.Snapshot().ResidentEntities.ShouldBe(0);

        var second = await world.JoinAsync([0]);
        await second.Do(Make.Set(A, "n", 4));
        stall.Release();
        world.Settle();
        (unit.Text, behind.Text).ShouldBe(("Unavailable", "Unavailable"));
        watcher.Log.ShouldBe(["refused Unavailable"]);
        (await second.Json(A)).ShouldBe("""{"n":4}""");
        first.Engine.Snapshot().QueuedUnits.ShouldBe(0);
        await second.Release(0);
        await first.Take(0);
        (await first.Json(A)).ShouldBe("""{"n":4}""");
    });

    [Fact]
    public void A_hand_over_that_is_cancelled_ends_at_once() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        await first.Do(Make.Set(A, "n", 1));
        var stall = first.Faults.StallNext(StoreOperation.WriteCheckpoint);
        using var hurry = new CancellationTokenSource();
        var releasing = first.Engine.ReleaseShardsAsync([0], hurry.Token);
        await stall.Reached;
        hurry.Cancel();
        stall.Release();
        world.Settle();
        (await releasing).ShouldHaveSingleItem().Shard.ShouldBe(0);
        first.Submit(Make.Set(A, "n", 2)).Text.ShouldBe("NotOwner");
        var second = await world.JoinAsync([0]);
        (await second.Json(A)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_stop_ends_hand_overs_and_take_overs() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0, 1]);
        await first.Do(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        var releasing = first.Release(0);
        var taking = first.TryTake(2);
        await first.StopAsync();
        (await releasing).ShouldHaveSingleItem().Shard.ShouldBe(0);
        taking.IsCompleted.ShouldBeTrue();
        var second = await world.JoinAsync([0, 1]);
        (await second.Json(A)).ShouldBe("""{"n":1}""");
        (await second.Json(B)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void What_is_not_served_can_not_be_handed_over() => World.Run(async world =>
    {
        var node = await world.JoinAsync([0]);
        (await node.Release(1, 2)).ShouldBeEmpty();
        (await node.Release(0, 1)).ShouldHaveSingleItem().Shard.ShouldBe(0);
        (await node.Release(0)).ShouldBeEmpty();
    });
}
