namespace Savepoint.Engine.Tests;

/// <summary>I3: one committed mutation, one version; what a version held can be read back.</summary>
public sealed class VersionTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Fact]
    public void Every_mutation_makes_the_next_version_and_refused_ones_make_none() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        for (var version = 1; version <= 20; version++)
        {
            (await node.Do(Make.Add(A, "n", 1))).ShouldBe(version);
            (await node.Code(Make.Add(A, "n", -1, min: version))).ShouldBe(RefusalCode.Document);
        }
    });

    [Fact]
    public void A_removed_entity_goes_on_counting() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        (await node.Do(Make.Remove(A))).ShouldBe(2);
        (await node.Json(A)).ShouldBe("none");
        (await node.Code(Make.Remove(A))).ShouldBe(RefusalCode.NotFound);
        (await node.Do(Make.Set(A, "m", 1).At(0))).ShouldBe(3);
        (await node.Json(A)).ShouldBe("""{"m":1}""");
        (await node.Json(A, 1)).ShouldBe("""{"n":1}""");
        (await node.Json(A, 2)).ShouldBe("none");
    });

    [Fact]
    public void Every_old_version_reads_as_it_was_also_after_a_restart() => World.Run(async world =>
    {
        var options = World.Options with { SnapshotEvery = 7 };
        var node = await world.StartAsync(options);
        for (var round = 0; round < 10; round++)
        {
            for (var i = 0; i < 5; i++)
                await node.Do(Make.Add(A, "n", 1));
            node.Checkpoint();
        }

        await CheckAsync();
        await node.StopAsync();
        node = await world.StartAsync(options);
        await CheckAsync();

        async Task CheckAsync()
        {
            for (var version = 1; version <= 50; version++)
            {
                var reading = node.Read(A, version);
                await reading.Answer;
                reading.Text.ShouldBe($$"""{"n":{{version}}}""");
                reading.Snapshot.Version.ShouldBe(version);
            }
        }
    });

    [Fact]
    public void A_version_that_does_not_exist_yet_is_not_found() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        var reading = node.Read(A, 2);
        await reading.Answer;
        reading.Refusal!.Code.ShouldBe(RefusalCode.VersionNotFound);
        reading.Refusal.CurrentVersion.ShouldBe(1);
        (await node.Json(World.Thing("never"), 1)).ShouldBe("VersionNotFound");
        (await node.Json(World.Thing("never"))).ShouldBe("none");
    });

    [Fact]
    public void A_version_whose_part_of_the_journal_was_trimmed_is_not_found_and_those_after_it_are() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { SnapshotEvery = 10, JournalRetention = TimeSpan.FromHours(1) });
        for (var i = 1; i <= 15; i++)
        {
            await node.Do(Make.Add(A, "n", 1));
            node.Checkpoint();
        }

        world.Pass(4_000);
        await node.Do(Make.Add(A, "n", 1));
        world.Pass(120);
        (await node.Json(A, 3)).ShouldBe("VersionNotFound");
        (await node.Json(A, 10)).ShouldBe("""{"n":10}""");
        (await node.Json(A, 16)).ShouldBe("""{"n":16}""");
    });

    [Fact]
    public void An_old_version_that_is_read_while_the_engine_stops_is_answered() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(A, "n", 2));
        var stall = node.Faults.StallNext(StoreOperation.ReadSnapshot);
        var reading = node.Read(A, 1);
        await stall.Reached;
        await node.StopAsync();
        stall.Release();
        world.Settle();
        reading.IsAnswered.ShouldBeTrue();
    });

    [Fact]
    public void Sessions_and_messages_make_no_version_and_do_not_hide_any() => World.Run(async world =>
    {
        var options = World.Options with { SnapshotEvery = 2 };
        var node = await world.StartAsync(options);
        await node.Do(Make.Set(A, "n", 1));
        var holder = node.Open(A, 1);
        await holder.Opened;
        node.Checkpoint();
        await node.Do(Make.Message(A));
        (await node.Submit(Make.Set(A, "n", 2).Under(1).By(1, 2)).Answer).ShouldBeNull();
        await node.Do(Make.Message(A));
        node.Checkpoint();
        (await node.Submit(Make.EndSession(A, 1).By(1, 3)).Answer).ShouldBeNull();
        (await node.Do(Make.Set(A, "n", 3))).ShouldBe(3);
        for (var version = 1; version <= 3; version++)
            (await node.Json(A, version)).ShouldBe($$"""{"n":{{version}}}""");
    });
}
