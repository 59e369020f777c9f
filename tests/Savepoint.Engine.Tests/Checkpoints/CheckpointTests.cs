namespace Savepoint.Engine.Tests;

/// <summary>P11, P12: the newest document of each changed entity is stored in time, and nothing leaves memory before.</summary>
public sealed class CheckpointTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    [Fact]
    public void Only_the_newest_document_of_each_entity_is_written() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        for (var i = 0; i < 100; i++)
            await node.Do(Make.Add(A, "n", 1), Make.Add(B, "n", 1));
        node.Checkpoint();
        node.Crashes.Checkpoints.SelectMany(batch => batch.Entities).Select(row => (row.Key, row.Version)).ShouldBe([(A, 100), (B, 100)], ignoreOrder: true);
        DocumentJson.ToText(Snapshots.Decode(world.Stored(A)!.Document!.Value.ToArray())).ShouldBe("""{"n":100}""");
    });

    [Fact]
    public void A_document_is_written_at_most_once_per_save_interval() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        for (var i = 0; i < 100; i++)
        {
            await node.Do(Make.Add(A, "n", 1));
            world.Pass(0.1);
        }

        node.Crashes.Checkpoints.Sum(batch => batch.Entities.Count).ShouldBeInRange(5, 10);
    });

    [Fact]
    public void A_stored_row_is_never_replaced_by_an_older_one() => World.Run(async world =>
    {
        var first = await world.StartAsync();
        await first.Do(Make.Set(A, "n", 1));
        var stall = first.Faults.StallNext(StoreOperation.WriteCheckpoint);
        world.Pass(2);
        await stall.Reached;
        var second = await world.StartAsync();
        await second.Do(Make.Set(A, "n", 2));
        second.Checkpoint();
        stall.Release();
        world.Settle();
        world.Stored(A)!.Version.ShouldBe(2);
    });

    [Fact]
    public void A_failed_batch_is_written_again_until_it_is_stored() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        node.Faults.FailNext(StoreOperation.WriteCheckpoint, times: 20);
        for (var i = 0; i < 60; i++)
        {
            world.Pass(5);
            await node.Do(Make.Add(A, "n", 1));
        }

        node.Checkpoint();
        node.Checkpoint();
        node.Checkpoint();
        world.Stored(A)!.Version.ShouldBe(61);
        world.Database.DeadLetters(0, 10).ShouldBeEmpty();
    });

    [Fact]
    public void A_poison_document_goes_to_the_dead_letters_after_five_tries_and_the_rest_goes_through() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        node.Faults.Refuse(A);
        await node.Do(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        world.Pass(30);
        world.Stored(A).ShouldBeNull();
        world.Stored(B)!.Version.ShouldBe(1);
        var letter = world.Database.DeadLetters(0, 10).ShouldHaveSingleItem();
        (letter.Source, letter.Key, letter.Attempts).ShouldBe(("checkpoint", A, 5));
        letter.Error.ShouldContain(A.ToString());

        world.StateOf(0).CheckpointSequence.ShouldBe(1, "the checkpoint never passes what is not stored");
        world.StateOf(1).CheckpointSequence.ShouldBe(2);
        await node.Do(Make.Add(World.KeyIn(0, 1), "n", 1));
        world.Pass(60);
        world.StateOf(0).CheckpointSequence.ShouldBe(1);
        node.Crash();

        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        node.Checkpoint();
        world.Stored(A)!.Version.ShouldBe(1);
        world.StateOf(0).CheckpointSequence.ShouldBe(world.Journal(0)[^1].LastSequence);
    });

    /// <summary>Found by the simulator, seed 17: 162,000 tries in five minutes, and five milliseconds more for every commit.</summary>
    [Fact]
    public void A_row_that_is_refused_is_tried_once_per_save_interval_however_much_waits_behind_it() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxUncheckpointedRecords = 5 });
        node.Faults.Refuse(A);
        for (var i = 0; i < 20; i++)
            await node.Do(Make.Add(A, "n", 1), Make.Add(B, "n", 1));

        // Each try is one write, or two: it would go on for ever without the clock moving.
        node.Crashes.DieAt = node.Crashes.Passed + 400;
        world.Pass(60);
        node.Crashes.IsDead.ShouldBeFalse();
        world.Stored(B)!.Version.ShouldBe(20);
        node.Faults.Accept(A);
        world.Pass(5);
        world.Stored(A)!.Version.ShouldBe(20);
    });

    [Fact]
    public void A_commit_that_was_given_up_keeps_no_later_checkpoint_waiting() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxUncheckpointedRecords = 5 });
        await node.Do(Make.Add(B, "n", 1));
        node.Checkpoint();
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var given = node.Submit(Make.Add(A, "n", 1));
        await stall.Reached;
        world.Pass(6);
        stall.Fail(new StoreException("broken", WriteOutcome.NotApplied, isTransient: false));
        (await given.Answer)!.Code.ShouldBe(RefusalCode.Unavailable);

        // The pass that waited for the commit was long, and so the pause after it is; but much waits now.
        for (var i = 0; i < 10; i++)
            await node.Do(Make.Add(B, "n", 1));
        world.Pass(3);
        world.Stored(B)!.Version.ShouldBe(11);
    });

    [Fact]
    public void A_row_that_is_refused_for_weeks_keeps_only_the_copies_that_its_versions_need() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { JournalRetention = TimeSpan.FromMinutes(10) });
        await node.Do(Make.Add(A, "n", 1));
        node.Checkpoint();
        node.Faults.Refuse(A);
        for (var i = 0; i < 100; i++)
        {
            world.Pass(60);
            await node.Do(Make.Add(A, "n", 1));
        }

        node.Faults.Accept(A);
        node.Checkpoint();
        world.Stored(A)!.Version.ShouldBe(101);
        node.Crashes.Checkpoints[^2].Snapshots.Count.ShouldBeInRange(10, 14);
        world.Pass(120);
        world.Journal(0)[0].At.ShouldBeGreaterThan(world.Time.GetUtcNow() - TimeSpan.FromMinutes(16), "the journal is held back no more");
        for (var version = 92; version <= 101; version++)
            (await node.Json(A, version)).ShouldBe($"{{\"n\":{version}}}");
    });

    [Fact]
    public void A_row_that_is_refused_again_and_again_heaps_up_no_copies() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { SnapshotEvery = 8 });
        node.Faults.Refuse(A);
        for (var i = 0; i < 20; i++)
        {
            await node.Do(Make.Add(A, "n", 1));
            world.Pass(15);
        }

        node.Faults.Accept(A);
        world.Pass(15);
        world.Stored(A)!.Version.ShouldBe(20);
        Enumerable.Range(1, 20).Where(version => world.Database.Entities(0, entities => entities.SnapshotAtOrBelow(A, version))?.Version == version).ShouldBe([20]);
    });

    [Fact]
    public void An_idle_entity_leaves_memory_after_twenty_seconds_and_only_when_it_is_stored() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        node.Faults.Refuse(B);
        await node.Do(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        world.Pass(19);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(2);
        world.Pass(2);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(1);
        world.Pass(100);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(1);
        node.Faults.Accept(B);
        world.Pass(45);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(0);
        (await node.Json(A), await node.Json(B)).ShouldBe(("""{"n":1}""", """{"n":1}"""));
    });

    [Fact]
    public void A_return_within_that_time_cancels_it() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        for (var i = 0; i < 10; i++)
        {
            world.Pass(15);
            node.Read(A).IsAnswered.ShouldBeTrue();
        }

        world.Pass(45);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(0);
    });

    [Fact]
    public void An_entity_with_a_session_or_a_watcher_stays() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var watcher = node.Watch(A);
        var holder = node.Open(B, 1);
        await holder.Opened;
        world.Pass(300);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(2);
        node.Engine.Unwatch(watcher);
        await node.Submit(Make.EndSession(B, 1).By(1, 2)).Answer;
        world.Pass(45);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(0);
    });

    [Fact]
    public void Uncheckpointed_records_are_counted_to_the_end() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        for (var i = 0; i < 10; i++)
            await node.Do(Make.Add(A, "n", 1), Make.Add(B, "n", 1));
        node.Engine.Snapshot().UncheckpointedRecords.ShouldBe(20 + World.Shards);
        _ = node.Faults.LoseNextAppend();
        await node.Try(Make.Add(A, "n", 1));
        node.Checkpoint();
        node.Checkpoint();
        node.Engine.Snapshot().UncheckpointedRecords.ShouldBe(0);
        node.Engine.Snapshot().CheckpointLag.ShouldBe(TimeSpan.Zero);
    });
}
