using Savepoint.Engine.Ownership;

namespace Savepoint.Engine.Tests;

/// <summary>E5: of several databases one that is down, slow or full makes its own shards unavailable, and no others.</summary>
public sealed class FailingDatabaseTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);
    private static readonly EntityKey C = World.KeyIn(2);
    private static readonly EntityKey D = World.KeyIn(3);

    [Fact]
    public void A_database_that_is_down_makes_its_own_shards_unavailable_in_time_and_no_others() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(C, "n", 1));
        node.SecondFaults.IsDown = true;
        var before = world.Time.Elapsed;
        var refused = node.Submit(Make.Add(C, "n", 1));
        await node.Do(Make.Add(A, "n", 1));
        world.Time.Elapsed.ShouldBe(before, "it waits for nothing");
        refused.IsAnswered.ShouldBeFalse();
        (await refused.Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
        (world.Time.Elapsed - before).ShouldBeLessThan(TimeSpan.FromSeconds(4));

        (await node.Code(Make.Add(D, "n", 1))).ShouldBe(RefusalCode.Unavailable, "it can't be loaded either");
        for (var i = 0; i < 100; i++)
        {
            before = world.Time.Elapsed;
            await node.Do(Make.Add(A, "n", 1));
            await node.Do(Make.Add(B, "n", 1));
            world.Time.Elapsed.ShouldBe(before);
            world.Pass(1);
        }

        world.Stored(A)!.Version.ShouldBeGreaterThan(90, "checkpoints go on");
        var snapshot = node.Engine.Snapshot();
        snapshot.Databases.Select(database => database.StoreFailure is null).ShouldBe([true, false]);
        snapshot.ServedShards.ShouldBe([0, 1, 2, 3]);

        node.SecondFaults.IsDown = false;
        world.Pass(2);
        (await node.Json(C)).ShouldBe("""{"n":1}""");
        await node.Do(Make.Add(C, "n", 1));
        node.Engine.Snapshot().StoreFailure.ShouldBeNull();
    });

    [Fact]
    public void A_database_that_hangs_holds_up_no_commit_load_checkpoint_publishing_or_hand_over_of_another() => World.Run(async world =>
    {
        world.UseTwoDatabases();
        var publisher = new MemoryPublisher();
        var node = await world.StartAsync(publisher: publisher);
        await node.Do(Make.Add(C, "n", 1));
        await node.Do(Make.Add(D, "n", 1));
        var stored = World.KeyIn(0, 1);
        await node.Do(Make.Add(stored, "n", 5));
        world.Pass(60);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(0);

        await node.Do(Make.Add(World.KeyIn(2, 1), "n", 1));
        var load = node.SecondFaults.StallNext(StoreOperation.ReadEntities);
        var read = node.Read(D);
        await load.Reached;
        (await node.Json(stored)).ShouldBe("""{"n":5}""");

        var checkpoint = node.SecondFaults.StallNext(StoreOperation.WriteCheckpoint);
        world.Pass(2);
        checkpoint.Reached.IsCompleted.ShouldBeTrue();
        var append = node.SecondFaults.StallNext(StoreOperation.Append);
        var waiting = node.Submit(Make.Add(World.KeyIn(2, 1), "n", 1));
        await append.Reached;

        await node.Do(Make.Add(A, "n", 1));
        world.Pass(2);
        world.Stored(A)!.Version.ShouldBe(1);
        publisher.Versions(A).ShouldBe([1]);
        (await node.Release(0))[0].IsCheckpointed.ShouldBeTrue();
        await node.Take(0);
        (await node.Json(A)).ShouldBe("""{"n":1}""");

        (read.IsAnswered, waiting.IsAnswered).ShouldBe((false, false));
        append.Release();
        checkpoint.Release();
        load.Release();
        (await waiting.Answer).ShouldBeNull();
    });

    [Fact]
    public void What_waits_for_one_database_leaves_the_room_for_the_others() => World.Run(async world =>
    {
        var node = await StartAsync(world, World.Options with { MaxQueuedUnits = 3, MaxWaitingForLoad = 3 });
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(C, "n", 1));
        var append = node.SecondFaults.StallNext(StoreOperation.Append);
        var queued = Enumerable.Range(0, 3).Select(_ => node.Submit(Make.Add(C, "n", 1))).ToList();
        await append.Reached;
        (await node.Code(Make.Add(C, "n", 1))).ShouldBe(RefusalCode.Overloaded);
        await node.Do(Make.Add(A, "n", 1));

        var load = node.SecondFaults.StallNext(StoreOperation.ReadEntities);
        var loads = Enumerable.Range(1, 3).Select(number => node.Read(World.KeyIn(2, number))).ToList();
        await load.Reached;
        (await node.Json(World.KeyIn(2, 4))).ShouldBe("Overloaded");
        (await node.Json(World.KeyIn(0, 4))).ShouldBe("none");

        append.Release();
        load.Release();
        foreach (var unit in queued)
            (await unit.Answer).ShouldBeNull();
        foreach (var one in loads)
            await one.Answer;
    });

    [Fact]
    public void A_commit_that_is_given_up_takes_nothing_back_in_another_database() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(C, "n", 1));
        var slow = node.Faults.StallNext(StoreOperation.Append);
        var kept = node.Submit(Make.Add(A, "n", 1));
        await slow.Reached;
        node.SecondFaults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Code(Make.Add(C, "n", 1))).ShouldBe(RefusalCode.Unavailable);
        var behind = node.Submit(Make.Add(A, "n", 1));
        slow.Release();
        (await kept.Answer).ShouldBeNull();
        (await behind.Answer).ShouldBeNull();
        (await node.Json(A), await node.Json(C)).ShouldBe(("""{"n":3}""", """{"n":1}"""));
    });

    [Fact]
    public void A_full_journal_refuses_changes_of_its_own_shards() => World.Run(async world =>
    {
        var node = await StartAsync(world, World.Options with { MaxJournalBytes = 2_000, JournalRetentionBytes = 1_000_000 });
        for (var i = 0; i < 20; i++)
            await node.Do(Make.Set(C, "text", new string((char)('a' + i), 200)));
        world.Pass(120);
        (await node.Code(Make.Add(C, "n", 1))).ShouldBe(RefusalCode.Overloaded);
        await node.Do(Make.Add(A, "n", 1));
    });

    [Fact]
    public void Retention_of_one_database_goes_on_while_another_is_down() => World.Run(async world =>
    {
        var node = await StartAsync(world, World.Options with { JournalRetention = TimeSpan.FromMinutes(5) });
        for (var i = 0; i < 5; i++)
            await node.Do(Make.Add(A, "n", 1));
        node.SecondFaults.IsDown = true;
        world.Pass(900);
        world.Journal(0).Count.ShouldBe(1, "the newest segment stays");
    });

    [Fact]
    public void Shards_of_both_databases_are_taken_and_given_up_together() => World.Run(async world =>
    {
        world.UseTwoDatabases();
        var first = await world.JoinAsync([0, 1, 2, 3]);
        foreach (var key in new[] { A, B, C, D })
            await first.Do(Make.Add(key, "n", 1));
        (await first.Release(3, 1, 2)).ShouldBe([new ReleasedShard(1, 2, true), new ReleasedShard(2, 2, true), new ReleasedShard(3, 2, true)]);
        var second = await world.JoinAsync([1, 2, 3]);
        foreach (var key in new[] { B, C, D })
            (await second.Json(key)).ShouldBe("""{"n":1}""");
        (await first.Json(A)).ShouldBe("""{"n":1}""");

        second.SecondFaults.IsDown = true;
        var third = await world.JoinAsync([]);
        third.SecondFaults.IsDown = true;
        (await third.TryTake(1, 2)).Select(taken => taken.Outcome).ShouldBe([TakeOutcome.Served, TakeOutcome.StoreFailed]);
        (await third.Json(B)).ShouldBe("""{"n":1}""");
        third.SecondFaults.IsDown = false;
        await third.Take(2);
        (await third.Json(C)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void After_a_crash_both_databases_are_recovered() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        for (var i = 1; i <= 10; i++)
        {
            await node.Do(Make.Add(A, "n", 1));
            await node.Do(Make.Add(C, "n", 2));
            if (i == 5)
                node.Checkpoint();
        }

        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A), await node.Json(C)).ShouldBe(("""{"n":10}""", """{"n":20}"""));
        world.Journal(0).ShouldAllBe(segment => segment.Shard == 0);
        world.Second!.Journal(0, journal => journal.Count).ShouldBe(0, "each shard lies in its own database only");
    });

    private static Task<Node> StartAsync(World world, EngineOptions? options = null)
    {
        world.UseTwoDatabases();
        return world.StartAsync(options);
    }
}
