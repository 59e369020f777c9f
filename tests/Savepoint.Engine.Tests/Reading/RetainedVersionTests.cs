namespace Savepoint.Engine.Tests;

/// <summary>I3: what a version held can be read back until the journal's retention ends, however seldom or often the entity changes.</summary>
public sealed class RetainedVersionTests
{
    private const int Minute = 60;

    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey Neighbour = World.KeyIn(0, 1);
    private static readonly EngineOptions Options = World.Options with
    {
        JournalRetention = TimeSpan.FromMinutes(20),
        SnapshotRetention = TimeSpan.FromMinutes(1),
    };

    [Fact]
    public void A_version_within_retention_can_be_read_although_the_entity_changed_seldom() => World.Run(async world =>
    {
        var node = await world.StartAsync(Options);
        await node.Do(Make.Add(A, "n", 1));
        await TrimAllAsync(world, node);
        for (var i = 0; i < 3; i++)
            await node.Do(Make.Add(A, "n", 1));
        await CheckAsync(node, 2, 4);
        node.Checkpoint();
        await CheckAsync(node, 2, 4);
        node.Crash();
        node = await world.StartAsync(Options);
        world.Pass(19 * Minute);
        await CheckAsync(node, 2, 4);
    });

    [Fact]
    public void What_held_before_a_change_can_be_read_until_retention_has_gone_by_since_the_change() => World.Run(async world =>
    {
        var node = await world.StartAsync(Options);
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(A, "n", 1));
        await TrimAllAsync(world, node);
        await node.Do(Make.Add(A, "n", 1));
        world.Pass(19 * Minute);
        (await node.Json(A, 2)).ShouldBe("""{"n":2}""");
        (await node.Json(A, 1)).ShouldBe("VersionNotFound");
        world.Pass(10 * Minute);
        (await node.Json(A, 2)).ShouldBe("VersionNotFound");
    });

    [Fact]
    public void A_version_past_retention_is_gone_with_its_deltas() => World.Run(async world =>
    {
        var node = await world.StartAsync(Options);
        for (var i = 0; i < 3; i++)
            await node.Do(Make.Add(A, "n", 1));
        await TrimAllAsync(world, node);
        (await node.Json(A, 2)).ShouldBe("VersionNotFound");
        (await node.Json(A, 3)).ShouldBe("""{"n":3}""");
    });

    [Fact]
    public void Removals_and_what_came_after_them_can_be_read_within_retention() => World.Run(async world =>
    {
        var node = await world.StartAsync(Options);
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Remove(A));
        await TrimAllAsync(world, node);
        await node.Do(Make.Set(A, "n", 3));
        await node.Do(Make.Add(A, "n", 1));
        node.Checkpoint();
        await TrimAllAsync(world, node);
        await node.Do(Make.Remove(A));
        await node.Do(Make.Set(A, "n", 6));
        await node.Do(Make.Remove(A));
        node.Checkpoint();
        world.Pass(19 * Minute);
        (await node.Json(A, 5)).ShouldBe("none");
        (await node.Json(A, 6)).ShouldBe("""{"n":6}""");
        (await node.Json(A, 7)).ShouldBe("none");
    });

    [Fact]
    public void A_profile_that_an_opening_makes_anew_keeps_its_removal_readable() => World.Run(async world =>
    {
        var node = await world.StartAsync(Options);
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Remove(A));
        await TrimAllAsync(world, node);
        var holder = node.Open(A, 1, template: """{"n":3}""");
        await holder.Opened;
        await node.Submit(Make.Set(A, "n", 4).Under(holder.Session).By(1, 2)).Answer;
        node.Checkpoint();
        world.Pass(19 * Minute);
        (await node.Json(A, 2)).ShouldBe("none");
        (await node.Json(A, 3)).ShouldBe("""{"n":3}""");
    });

    [Fact]
    public void Deferred_changes_keep_what_was_before_them_readable() => World.Run(async world =>
    {
        var body = World.KeyIn(0, kind: "body");
        var node = await world.StartAsync(Options);
        await node.Do(Make.Set(body, "n", 1));
        await TrimAllAsync(world, node);
        await node.Do(Make.Set(body, "mood", "glad"));
        node.Checkpoint();
        (await node.Json(body, 1)).ShouldBe("""{"n":1}""");
        await TrimAllAsync(world, node);
        await node.Do(Make.Set(body, "mood", "sad"));
        await node.Do(Make.Set(body, "n", 3));
        await node.Do(Make.Set(body, "n", 4));
        world.Pass(19 * Minute);
        (await node.Json(body, 2)).ShouldBe("""{"mood":"glad","n":1}""");
        (await node.Json(body, 3)).ShouldBe("""{"mood":"sad","n":3}""");
    });

    [Fact]
    public void Versions_can_be_read_before_the_first_checkpoint() => World.Run(async world =>
    {
        var node = await world.StartAsync(Options);
        node.Faults.Refuse(A);
        await node.Do(Make.Add(A, "n", 1));
        for (var i = 0; i < 12; i++)
        {
            world.Pass(5 * Minute);
            await node.Do(Make.Add(A, "n", 1));
        }

        world.Stored(A).ShouldBeNull();
        await CheckAsync(node, 1, 13);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_checkpoint_stores_late_is_kept_as_if_it_had_come_in_time(bool isReplayed) => World.Run(async world =>
    {
        var node = await world.StartAsync(Options);
        await node.Do(Make.Add(A, "n", 1));
        node.Checkpoint();
        node.Faults.Refuse(A);
        for (var i = 0; i < 12; i++)
        {
            world.Pass(5 * Minute);
            await node.Do(Make.Add(A, "n", 1));
        }

        if (isReplayed)
        {
            node.Crash();
            node = await world.StartAsync(Options);
        }

        node.Faults.Accept(A);
        world.Pass(2 * Minute);
        world.Stored(A)!.Version.ShouldBe(13);
        world.Journal(0)[0].FirstSequence.ShouldBeGreaterThan(4);

        // Of version 9, 22 minutes old, only the whole copy is left; the later ones are within retention.
        await CheckAsync(node, 10, 13);
    });

    [Fact]
    public void What_was_replayed_after_a_long_time_out_of_service_is_a_ground_to_build_on() => World.Run(async world =>
    {
        var node = await world.StartAsync(Options);
        await node.Do(Make.Add(A, "n", 1));
        node.Checkpoint();
        await node.Do(Make.Add(A, "n", 1));
        node.Crash();
        world.Pass(60 * Minute);
        node = await world.StartAsync(Options);
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(A, "n", 1));
        node.Checkpoint();
        world.Pass(15 * Minute);
        await CheckAsync(node, 2, 4);
    });

    [Fact]
    public void A_copy_counts_anew_from_the_last_record_that_left_it_as_it_was() => World.Run(async world =>
    {
        var node = await world.StartAsync(Options);
        await node.Do(Make.Add(A, "n", 1));
        world.Pass(5 * Minute);
        await node.Do(Make.Message(A));
        world.Pass(20 * Minute);
        await node.Do(Make.Message(A));
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(A, "n", 1));
        world.Pass(19 * Minute);
        await CheckAsync(node, 2, 3);
    });

    [Fact]
    public void A_clock_that_was_set_back_leaves_no_hole() => World.Run(async world =>
    {
        var node = await world.StartAsync(Options);
        node.ClockError = TimeSpan.FromMinutes(40);
        await node.Do(Make.Add(A, "n", 1));
        node.ClockError = TimeSpan.Zero;
        for (var i = 0; i < 7; i++)
        {
            await node.Do(Make.Add(A, "n", 1));
            world.Pass(5 * Minute);
        }

        await CheckAsync(node, 5, 8);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_version_within_retention_reads_as_it_was_whatever_happened(int seed) => World.Run(new Chronicle(Options).RunAsync, seed);

    [Fact]
    public void An_entity_leaves_one_copy_in_each_tenth_of_the_retention_at_most() => World.Run(async world =>
    {
        var node = await world.StartAsync(Options with { SnapshotEvery = 1_000_000 });
        await node.Do(Make.Add(Neighbour, "n", 1));
        for (var i = 0; i < 20 * 6; i++)
        {
            await node.Do(Make.Add(A, "n", 1));
            world.Pass(10);
        }

        node.Checkpoint();
        var copies = node.Crashes.Checkpoints.SelectMany(batch => batch.Snapshots).ToList();
        copies.Count(copy => copy.Key == A).ShouldBeInRange(9, 11);
        copies.ShouldAllBe(copy => copy.Key == A, "what never changed has none");
    });

    /// <summary>Passes time until nothing of what happened is in the journal.</summary>
    private static async Task TrimAllAsync(World world, Node node)
    {
        world.Pass(1 * Minute);
        await node.Do(Make.Add(Neighbour, "n", 1));
        var last = world.Journal(0)[^1].FirstSequence;
        world.Pass(30 * Minute);
        world.Journal(0)[0].FirstSequence.ShouldBe(last);
    }

    private static async Task CheckAsync(Node node, int first, int last)
    {
        for (var version = first; version <= last; version++)
            (await node.Json(A, version)).ShouldBe($$"""{"n":{{version}}}""", $"version {version}");
    }
}
