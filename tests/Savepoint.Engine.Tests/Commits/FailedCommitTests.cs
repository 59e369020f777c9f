namespace Savepoint.Engine.Tests;

/// <summary>Commits that fail, and those of which nobody knows: every caller gets the right answer, and the engine goes on from the durable state.</summary>
public sealed class FailedCommitTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    [Fact]
    public void A_passing_failure_is_waited_out_and_nobody_hears_of_it() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        node.Faults.FailNext(StoreOperation.Append, times: 4);
        (await node.Do(Make.Set(A, "n", 1))).ShouldBe(1);
        world.Time.Elapsed.ShouldBeInRange(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2));
    });

    [Fact]
    public void A_lasting_failure_is_reported_in_time_and_the_engine_serves_again_when_the_store_does() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(B, "n", 1));
        node.Faults.IsOutOfSpace = true;
        var first = await node.Try(Make.Set(A, "n", 2));
        (first!.Code, first.IsTransient).ShouldBe((RefusalCode.Unavailable, true));
        world.Time.Elapsed.ShouldBeInRange(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5));
        var before = world.Time.Elapsed;
        (await node.Code(Make.Set(A, "n", 2))).ShouldBe(RefusalCode.Unavailable);
        (world.Time.Elapsed - before).ShouldBeLessThan(TimeSpan.FromSeconds(1), "while it fails anyway, callers hear soon");
        (await node.Json(B)).ShouldBe("""{"n":1}""");
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        node.Engine.Snapshot().StoreFailure.ShouldNotBeNull();

        node.Faults.IsOutOfSpace = false;
        (await node.Do(Make.Set(A, "n", 3))).ShouldBe(2);
        node.Engine.Snapshot().StoreFailure.ShouldBeNull();
    });

    [Fact]
    public void All_that_was_queued_behind_a_failed_commit_fails_with_it() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(B, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var first = node.Submit(Make.Set(A, "n", 2));
        await stall.Reached;
        var second = node.Submit(Make.Set(A, "n", 3));
        var other = node.Submit(Make.Set(B, "n", 2));
        var read = node.Read(A);
        stall.Fail(Broken());
        await other.Answer;
        world.Settle();
        (first.Text, second.Text, other.Text, read.Text).ShouldBe(("Unavailable", "Unavailable", "Unavailable", "Unavailable"));
        (await node.Json(A), await node.Json(B)).ShouldBe(("""{"n":1}""", """{"n":1}"""));
        (await node.Do(Make.Add(A, "n", 1))).ShouldBe(2);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_a_failed_commit_entities_come_back_with_what_was_committed_and_not_yet_checkpointed(bool isCheckpointedBefore) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1));
        if (isCheckpointedBefore)
            node.Checkpoint();
        for (var i = 0; i < 5; i++)
            await node.Do(Make.Add(A, "n", 1), Make.Add(B, "n", 1));
        await node.Do(Make.Message(A));
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Code(Make.Set(A, "n", 100), Make.Set(B, "n", 100))).ShouldBe(RefusalCode.Unavailable);
        (await node.Json(A), await node.Json(B)).ShouldBe(("""{"n":6}""", """{"n":5}"""));
        (await node.Do(Make.Add(A, "n", 1))).ShouldBe(7);
        node.Checkpoint();
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A), await node.Json(B)).ShouldBe(("""{"n":7}""", """{"n":5}"""));
        var holder = node.Open(A, 1);
        await holder.Opened;
        holder.Messages.Count.ShouldBe(1);
    });

    [Fact]
    public void What_a_failed_commit_dropped_is_loaded_and_checkpointed_without_anybody_asking_for_it() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1));
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        await node.Try(Make.Set(A, "n", 100));
        node.Checkpoint();
        node.Checkpoint();
        world.Stored(A)!.Version.ShouldBe(1);
        world.StateOf(0).CheckpointSequence.ShouldBe(2);
    });

    [Fact]
    public void A_checkpoint_under_way_stores_nothing_that_a_failing_commit_takes_back() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { CheckpointBatchSize = 1 });
        var others = Enumerable.Range(1, 3).Select(number => World.KeyIn(0, number)).ToArray();
        foreach (var key in others.Append(A))
            await node.Do(Make.Set(key, "n", 1));

        // The pass holds the first entity at the store; the others are encoded after the commit was given up.
        var checkpoint = node.Faults.StallNext(StoreOperation.WriteCheckpoint);
        world.Pass(1.2);
        await checkpoint.Reached;
        var append = node.Faults.StallNext(StoreOperation.Append);
        var doomed = node.Submit([.. others.Append(A).Select(key => Make.Set(key, "n", 2))]);
        await append.Reached;
        append.Fail(Broken());
        (await doomed.Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
        checkpoint.Release();
        world.Settle();
        world.StateOf(0).CheckpointSequence.ShouldBe(0, "three of them are dropped and not stored");
        node.Crash();

        node = await world.StartAsync();
        foreach (var key in others.Append(A))
            (await node.Json(key)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void State_that_was_encoded_and_taken_back_is_not_stored() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        node.Checkpoint();
        var append = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.Set(A, "n", 2));
        await append.Reached;
        world.Pass(2);
        append.Fail(Broken());
        world.Pass(5);
        world.Stored(A)!.Version.ShouldBe(1);
        (await node.Do(Make.Set(A, "n", 3))).ShouldBe(2);
        node.Checkpoint();
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("""{"n":3}""");
    });

    [Fact]
    public void An_unknown_outcome_that_was_applied_is_an_acceptance() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1));
        node.Faults.LoseAnswerOfNext(StoreOperation.Append);
        (await node.Do(Make.Add(A, "n", 1), Make.Add(B, "n", 1))).ShouldBe(2);
        (await node.Do(Make.Add(A, "n", 1), Make.Add(B, "n", 1))).ShouldBe(3);
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A), await node.Json(B)).ShouldBe(("""{"n":3}""", """{"n":2}"""));
    });

    [Fact]
    public void An_unknown_outcome_that_was_not_applied_never_will_be() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1), Make.Add(B, "n", 1));
        var losing = node.Faults.LoseNextAppend();
        var lost = node.Submit(new TestUnit(Make.Add(A, "n", 1), Make.Add(B, "n", 1)).By(1, 1));
        (await lost.Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
        (await (await losing).TryLandAsync()).ShouldBeFalse("a barrier stands in its place");

        var again = node.Submit(lost.Again());
        await again.Answer;
        again.Text.ShouldBe("2,2");
        (await node.Do(Make.Add(B, "n", 1))).ShouldBe(3);
        (await (await losing).TryLandAsync()).ShouldBeFalse();
        node.Checkpoint();
        world.StateOf(0).CheckpointSequence.ShouldBe(world.Journal(0)[^1].LastSequence);
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A), await node.Json(B)).ShouldBe(("""{"n":2}""", """{"n":3}"""));
    });

    [Fact]
    public void An_append_that_lands_late_before_the_question_is_an_acceptance() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1));
        var losing = node.Faults.LoseNextAppend();
        var barrier = node.Faults.StallNext(StoreOperation.Append);
        var late = node.Submit(Make.Add(A, "n", 1).By(1, 1));
        await barrier.Reached;
        (await (await losing).TryLandAsync()).ShouldBeTrue();
        barrier.Release();
        await late.Answer;
        late.Text.ShouldBe("2");
        (await node.Json(A)).ShouldBe("""{"n":2}""");
    });

    [Fact]
    public void The_answer_to_the_question_may_get_lost_too() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1));
        _ = node.Faults.LoseNextAppend();
        node.Faults.LoseAnswerOfNext(StoreOperation.Append);
        (await node.Code(Make.Add(A, "n", 1))).ShouldBe(RefusalCode.Unavailable);
        (await node.Do(Make.Add(A, "n", 1))).ShouldBe(2);
        (await node.Json(A)).ShouldBe("""{"n":2}""");
    });

    [Fact]
    public void A_question_that_cannot_be_asked_is_asked_again() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1));
        node.Faults.LoseAnswerOfNext(StoreOperation.Append);
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var unit = node.Submit(Make.Add(A, "n", 1));
        await stall.Reached;
        node.Faults.FailNext(StoreOperation.ReadJournal, times: 3);
        stall.Fail(new StoreException("still broken", WriteOutcome.NotApplied, isTransient: true));
        await unit.Answer;
        unit.Text.ShouldBe("2");
    });

    [Fact]
    public void When_another_owner_stands_in_the_place_nothing_was_applied_and_the_shard_is_lost() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1), Make.Add(B, "n", 1));
        var losing = node.Faults.LoseNextAppend();
        var barrier = node.Faults.StallNext(StoreOperation.Append);
        var unit = node.Submit(Make.Add(A, "n", 1), Make.Add(B, "n", 1));
        await barrier.Reached;
        var second = await world.StartAsync();
        barrier.Release();
        (await unit.Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
        (await (await losing).TryLandAsync()).ShouldBeFalse();
        (await second.Json(A)).ShouldBe("""{"n":1}""");
        node.Engine.Snapshot().FailedShards.Keys.ShouldBe([0]);
    });

    [Fact]
    public void When_nobody_can_tell_any_more_the_outcome_is_unknown_and_never_a_refusal() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1));
        node.Faults.LoseAnswerOfNext(StoreOperation.Append);
        var barrier = node.Faults.StallNext(StoreOperation.Append);
        var unit = node.Submit(Make.Add(A, "n", 1).By(1, 1));
        await barrier.Reached;
        var repeat = node.Submit(unit.Again());
        var second = await world.StartAsync();
        (await second.Do(Make.Add(A, "n", 1))).ShouldBe(3, "the lost one was applied");
        world.Database.Journal(0, journal => journal.Trim(3, DateTimeOffset.MaxValue));
        barrier.Release();
        await unit.Answer;
        await repeat.Answer;
        (unit.Text, repeat.Text).ShouldBe(("OutcomeUnknown", "OutcomeUnknown"));
        (await node.Code(Make.Add(A, "n", 1))).ShouldBe(RefusalCode.NotOwner);
        var again = second.Submit(unit.Again());
        await again.Answer;
        again.Text.ShouldBe("2");
    });

    [Fact]
    public void Entities_without_uncommitted_changes_are_served_from_memory_while_the_store_is_down() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        node.Faults.IsOutOfSpace = true;
        await node.Try(Make.Set(B, "n", 1));
        node.Faults.FailNext(StoreOperation.ReadEntities, times: 10);
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        (await node.Json(B)).ShouldBe("Unavailable");
    });

    private static StoreException Broken() => new("broken", WriteOutcome.NotApplied, isTransient: false);
}
