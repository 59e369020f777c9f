namespace Savepoint.Engine.Tests;

/// <summary>P16: documents of older template versions are migrated when they come into memory, once, and journaled.</summary>
public sealed class MigrationTests
{
    [Fact]
    public void A_document_of_an_older_template_version_is_migrated_before_anybody_sees_it_and_the_history_says_so() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var node = await world.StartAsync(kinds: Game.Release(3));
        (await node.Json(Game.A)).ShouldBe("""{"$$template":3,"from0":1,"from1":1,"from2":1,"gold":40}""");
        var versions = await node.ListAll(new Listing { Key = Game.A });
        versions.Select(version => (version.Version, version.EventType, version.Actor)).ShouldBe([(2, "migration:3", "system"), (1, null, null)]);
        (await node.Json(Game.A, 1)).ShouldBe("""{"gold":5}""");
    });

    [Fact]
    public void It_is_migrated_once_over_restarts_unloading_and_further_releases() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var node = await world.StartAsync(kinds: Game.Release(1));
        (await node.Json(Game.A)).ShouldBe("""{"$$template":1,"from0":1,"gold":10}""");
        node.Crash();
        node = await world.StartAsync(kinds: Game.Release(1));
        (await node.Json(Game.A)).ShouldBe("""{"$$template":1,"from0":1,"gold":10}""");
        await node.StopAsync();
        node = await world.StartAsync(kinds: Game.Release(2));
        (await node.Json(Game.A)).ShouldBe("""{"$$template":2,"from0":1,"from1":2,"gold":20}""");
        node.Checkpoint();
        world.Pass(World.Options.UnloadAfter.TotalSeconds + 1);
        node.Engine.Snapshot().ResidentEntities.ShouldBe(0);
        (await node.Do(Make.Add(Game.A, "gold", 1))).ShouldBe(4);
    });

    [Fact]
    public void A_new_document_has_the_template_version_at_once_and_nothing_to_migrate() => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Game.Release(2));
        (await node.Do(Make.Set(Game.A, "gold", 5))).ShouldBe(1);
        var holder = node.Open(Game.B, 1, template: """{"gold":1}""");
        (await holder.Opened).Created.ShouldBeTrue();
        node.Crash();
        node = await world.StartAsync(kinds: Game.Release(2));
        (await node.Json(Game.A), await node.Json(Game.B)).ShouldBe(("""{"$$template":2,"gold":5}""", """{"$$template":2,"gold":1}"""));
        node.Engine.Snapshot().FailedHooks.ShouldBe(0);
    });

    [Fact]
    public void A_removed_entity_has_nothing_to_migrate_and_is_made_anew_with_the_version_of_today() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var node = await world.StartAsync(kinds: Game.First);
        await node.Do(Make.Remove(Game.A));
        await node.StopAsync();
        node = await world.StartAsync(kinds: Game.Release(2));
        (await node.Json(Game.A)).ShouldBe("none");
        (await node.Do(Make.Set(Game.A, "gold", 1))).ShouldBe(3);
        (await node.Json(Game.A)).ShouldBe("""{"$$template":2,"gold":1}""");
    });

    [Fact]
    public void No_answer_shows_a_migration_that_is_not_durable_yet() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var node = await world.StartAsync(kinds: Game.Release(1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var reading = node.Read(Game.A);
        await stall.Reached;
        var (watcher, refused, holder) = (node.Watch(Game.A), node.Submit(Make.Set(Game.A, "gold", 1).At(9)), node.Open(Game.A, 1));
        world.Settle();
        (reading.Text, watcher.HasStarted, holder.Text, refused.Text).ShouldBe(("pending", false, "pending", "pending"));
        stall.Release();
        await reading.Answer;
        await refused.Answer;
        world.Settle();
        (reading.Text, watcher.Log[0], holder.Text, refused.Text).ShouldBe(("""{"$$template":1,"from0":1,"gold":10}""", "start 2", "opened 1", "VersionMismatch"));
    });

    [Fact]
    public void A_crash_between_a_migration_and_its_commit_leaves_the_document_as_it_was_and_it_is_migrated_then() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var node = await world.StartAsync(kinds: Game.Release(1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        _ = node.Read(Game.A);
        await stall.Reached;
        node.Crash();
        node = await world.StartAsync(kinds: Game.First);
        (await node.Json(Game.A)).ShouldBe("""{"gold":5}""");
        await node.StopAsync();
        node = await world.StartAsync(kinds: Game.Release(1));
        (await node.Do(Make.Add(Game.A, "gold", 1))).ShouldBe(3);
        (await node.Json(Game.A)).ShouldBe("""{"$$template":1,"from0":1,"gold":11}""");
    });

    [Fact]
    public void Whenever_the_process_dies_a_document_is_migrated_exactly_once() => World.Run(async world =>
    {
        var gold = 1L;
        await Store(world, Make.Set(Game.A, "gold", gold));
        for (var point = 0; point < 12; point++)
        {
            var release = Game.Release(point + 1);
            var node = await world.StartAsync(kinds: release);
            node.Crashes.DieAt = node.Crashes.Passed + (point % 6);
            _ = node.Read(Game.A);
            world.Pass(3);
            node.Crash();
            node = await world.StartAsync(kinds: release);
            gold *= 2;
            await node.Read(Game.A).Answer;
            (await node.Json(Game.A)).ShouldEndWith($"\"gold\":{gold}}}");
            await node.StopAsync();
        }
    });

    [Fact]
    public void A_migration_whose_commit_fails_is_taken_back_and_done_again() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var node = await world.StartAsync(kinds: Game.Release(1));
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Json(Game.A)).ShouldBe("Unavailable");
        (await node.Json(Game.A)).ShouldBe("""{"$$template":1,"from0":1,"gold":10}""");
        (await node.Do(Make.Add(Game.A, "gold", 1))).ShouldBe(3);
        node.Checkpoint();
        world.Stored(Game.A)!.Version.ShouldBe(3);
    });

    [Fact]
    public void After_a_hand_over_it_is_not_migrated_again() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var runs = 0;
        var kinds = Game.Release(1, () => runs++);
        var (one, other) = (world.NewNode(kinds: kinds), world.NewNode(kinds: kinds));
        foreach (var node in new[] { one, other })
            await node.Engine.StartWithoutShardsAsync(CancellationToken.None);
        await one.Take(0);
        var stall = one.Faults.StallNext(StoreOperation.Append);
        var reading = one.Read(Game.A);
        await stall.Reached;
        var releasing = one.Release(0);
        stall.Release();
        (await releasing).Single().IsCheckpointed.ShouldBeTrue();
        await reading.Answer;
        reading.Text.ShouldBe("""{"$$template":1,"from0":1,"gold":10}""");
        await other.Take(0);
        (await other.Json(Game.A)).ShouldBe(reading.Text);
        runs.ShouldBe(1);
    });

    [Fact]
    public void What_recovery_brings_into_memory_is_migrated_before_it_is_seen() => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Game.First);
        await node.Do(Make.Set(Game.A, "gold", 5));
        node.Crash();
        node = await world.StartAsync(kinds: Game.Release(1));
        node.Engine.Snapshot().ResidentEntities.ShouldBe(1);
        var watcher = node.Watch(Game.A, from: 1);
        world.Settle();
        (string.Join(';', watcher.Log), watcher.IsResumed).ShouldBe(("start 1;change 2", true));
        node.Checkpoint();
        world.Stored(Game.A)!.Version.ShouldBe(2);
    });

    [Fact]
    public void A_watcher_and_a_holder_that_come_back_from_before_the_migration_get_it_as_a_delta() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5), Make.Set(Game.B, "gold", 6));
        var node = await world.StartAsync(kinds: Game.Release(1));
        var watcher = node.Watch(Game.A, from: 1);
        var holder = node.Open(Game.B, 1, from: 1);
        await holder.Opened;
        world.Settle();
        (watcher.IsResumed, string.Join(';', watcher.Log)).ShouldBe((true, "start 1;change 2"));
        string.Join(';', holder.Log).ShouldBe("opened 1;change 2");
    });

    [Fact]
    public void A_rolled_back_version_is_migrated_again_as_a_version_of_its_own() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var node = await world.StartAsync(kinds: Game.Release(2));
        await node.Do(Make.Set(Game.A, "gold", 100));
        var watcher = node.Watch(Game.A);
        (await node.Do(Make.Restore(Game.A, 1))).ShouldBe(4);
        world.Settle();
        string.Join(';', watcher.Log).ShouldBe("start 3;change 4;change 5");
        (await node.Json(Game.A, 4)).ShouldBe("""{"gold":5}""");
        (await node.Json(Game.A)).ShouldBe("""{"$$template":2,"from0":4,"from1":4,"gold":20}""");
        watcher.Mirror.Text.ShouldBe(await node.Json(Game.A));
        var versions = await node.ListAll(new Listing { Key = Game.A });
        versions.Select(version => version.EventType).ShouldBe(["migration:2", "rollback:1", null, "migration:2", null]);
        node.Crash();
        node = await world.StartAsync(kinds: Game.Release(2));
        (await node.Json(Game.A)).ShouldBe("""{"$$template":2,"from0":4,"from1":4,"gold":20}""");
    });

    [Fact]
    public void A_rollback_of_a_removed_entity_is_migrated_too() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var node = await world.StartAsync(kinds: Game.Release(1));
        await node.Do(Make.Remove(Game.A));
        (await node.Do(Make.Restore(Game.A, 1))).ShouldBe(4);
        (await node.Json(Game.A)).ShouldBe("""{"$$template":1,"from0":4,"gold":10}""");
    });

    [Fact]
    public void A_rollback_whose_version_can_not_be_migrated_is_refused_and_changes_nothing() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var fails = false;
        var node = await world.StartAsync(kinds: Game.Release(1, () =>
        {
            if (fails)
                throw new InvalidOperationException();
        }));
        var before = await node.Json(Game.A);
        fails = true;
        var refusal = await node.Try(Make.Restore(Game.A, 1), Make.Set(Game.B, "gold", 1));
        (refusal!.Code, refusal.Detail, refusal.Key).ShouldBe((RefusalCode.HookFailed, "migration from 0: InvalidOperationException", Game.A));
        (await node.Json(Game.A), await node.Json(Game.B)).ShouldBe((before, "none"));
    });

    [Fact]
    public void A_rollback_in_a_unit_over_two_databases_is_migrated_too() => World.Run(async world =>
    {
        world.UseTwoDatabases();
        await Store(world, Make.Set(Game.A, "gold", 5));
        await Store(world, Make.Set(Game.C, "gold", 7));
        var node = await world.StartAsync(kinds: Game.Release(1));
        var unit = node.Submit(Make.Restore(Game.A, 1), Make.Restore(Game.C, 1));
        (await unit.Answer).ShouldBeNull();
        unit.Versions.ShouldBe([3, 3]);
        (await node.Json(Game.A), await node.Json(Game.C)).ShouldBe(("""{"$$template":1,"from0":3,"gold":10}""", """{"$$template":1,"from0":3,"gold":14}"""));
    });

    [Fact]
    public void What_is_prepared_is_carried_out_before_the_migration_of_a_new_program() => World.Run(async world =>
    {
        world.UseTwoDatabases();
        await Store(world, Make.Set(Game.A, "gold", 5));
        await Store(world, Make.Set(Game.C, "gold", 7));
        var node = await world.StartAsync(kinds: Game.First);

        // The decision is durable, and the process dies before the other database has carried its part out.
        var carrying = node.SecondFaults.StallNext(StoreOperation.Append);
        var unit = node.Submit(Make.Add(Game.A, "gold", 1), Make.Add(Game.C, "gold", -1));
        await carrying.Reached;
        carrying.Release();
        carrying = node.SecondFaults.StallNext(StoreOperation.Append);
        (await unit.Answer).ShouldBeNull();
        await carrying.Reached;
        node.Crash();

        node = await world.StartAsync(kinds: Game.Release(1));
        world.Pass(30);
        (await node.Json(Game.A), await node.Json(Game.C)).ShouldBe(("""{"$$template":1,"from0":2,"gold":12}""", """{"$$template":1,"from0":2,"gold":12}"""));
    });

    [Fact]
    public void A_document_of_a_newer_program_is_refused_for_now_and_stays() => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Game.Release(3));
        await node.Do(Make.Set(Game.A, "gold", 5));
        await node.StopAsync();
        foreach (var kinds in new[] { Game.Release(2), Game.First })
        {
            node = await world.StartAsync(kinds: kinds);
            var refusal = await node.Submit(Make.Add(Game.A, "gold", 1).By(1, 1)).Answer;
            refusal!.Code.ShouldBe(RefusalCode.Unavailable);
            refusal.Detail!.ShouldContain("the document has template version 3, and this server knows");
            (await node.Json(Game.A), await node.Code(Make.Restore(Game.A, 1))).ShouldBe(("Unavailable", RefusalCode.Unavailable));
            (await node.Open(Game.A, 1).Opened).Refusal!.Code.ShouldBe(RefusalCode.Unavailable);
            node.Engine.Snapshot().FailedHooks.ShouldBe(0);
            await node.StopAsync();
        }

        node = await world.StartAsync(kinds: Game.Release(3));
        (await node.Json(Game.A)).ShouldBe("""{"$$template":3,"gold":5}""");
        (await node.Submit(Make.Add(Game.A, "gold", 1).By(1, 1)).Answer).ShouldBeNull("it was refused for what the server was, and not for good");
    });

    [Fact]
    public void A_document_from_before_the_first_migration_is_refused() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var node = await world.StartAsync(kinds: new KindRegistry([new Kind { Name = "thing", TemplateVersion = 2, Migrations = [new TemplateMigration(1, null)] }]));
        (await node.Try(Make.Add(Game.A, "gold", 1)))!.Detail!.ShouldContain("no migration from before 1");
    });

    [Fact]
    public void While_too_much_waits_nothing_is_migrated_and_nobody_sees_it() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var runs = 0;
        var node = await world.StartAsync(World.Options with { MaxQueuedUnits = 1 }, kinds: Game.Release(1, () => runs++));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var first = node.Submit(Make.Set(World.KeyIn(3), "n", 1));
        await stall.Reached;
        var queued = node.Engine.Snapshot().QueuedBytes;
        (await node.Json(Game.A)).ShouldBe("Overloaded");
        (node.Engine.Snapshot().QueuedBytes, runs).ShouldBe((queued, 0), "what can't be queued is not worked out either");
        stall.Release();
        await first.Answer;
        (await node.Json(Game.A)).ShouldBe("""{"$$template":1,"from0":1,"gold":10}""");
    });

    [Fact]
    public void Watchers_of_a_rollback_get_its_migration_although_much_waits() => World.Run(async world =>
    {
        await Store(world, Make.Set(Game.A, "gold", 5));
        var node = await world.StartAsync(World.Options with { MaxQueuedUnits = 2 }, kinds: Game.Release(1));
        var holder = node.Open(Game.A, 1);
        await holder.Opened;
        await node.Submit(Make.Set(Game.A, "n", 1).Under(1).By(1, 2)).Answer;
        world.Settle();
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var first = node.Submit(Make.Set(World.KeyIn(3), "n", 1));
        await stall.Reached;
        var second = node.Submit(Make.Set(World.KeyIn(3), "n", 2));

        // The holder's changes are taken for longer than those of others.
        var restored = node.Submit(Make.Restore(Game.A, 1).Under(1).By(1, 3));
        world.Settle();
        stall.Release();
        await first.Answer;
        await second.Answer;
        (await restored.Answer).ShouldBeNull();
        world.Settle();
        holder.Mirror.Text.ShouldBe("""{"$$template":1,"from0":4,"gold":10}""");
    });

    /// <summary>What an earlier release has left in the store, and in no journal that is still to be replayed.</summary>
    private static async Task Store(World world, params Mutation[] mutations)
    {
        var node = await world.StartAsync(kinds: Game.First);
        await node.Do(mutations);
        await node.StopAsync();
    }
}
