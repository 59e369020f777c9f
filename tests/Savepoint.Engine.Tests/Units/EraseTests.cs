using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>An entity that is erased: what it was can't be seen any more, whatever comes after.</summary>
public sealed class EraseTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    public enum Then
    {
        Nothing,
        Checkpoint,
        CrashBeforeCheckpoint,
        CrashAfterCheckpoint,
        Unload,
    }

    [Theory]
    [InlineData(Then.Nothing)]
    [InlineData(Then.Checkpoint)]
    [InlineData(Then.CrashBeforeCheckpoint)]
    [InlineData(Then.CrashAfterCheckpoint)]
    [InlineData(Then.Unload)]
    public void What_it_was_before_can_be_neither_read_nor_listed_nor_brought_back(Then then) => World.Run(async world =>
    {
        var node = await world.StartAsync(new EngineOptions { ShardCount = World.Shards, SnapshotEvery = 2 });
        for (var i = 1; i <= 5; i++)
            await node.Do(Make.Set(A, "n", i));
        node.Checkpoint();
        await node.Do(Make.Set(A, "n", 6));
        (await node.Do(Make.Erase(A))).ShouldBe(7);
        node = await Go(world, node, then);

        (await node.Json(A)).ShouldBe("none");
        for (var version = 1; version < 7; version++)
        {
            (await node.Json(A, version)).ShouldBe(nameof(RefusalCode.VersionNotFound));
            (await node.Code(Make.Restore(A, version))).ShouldBe(RefusalCode.VersionNotFound);
        }

        var listed = await node.ListAll(new Listing { Key = A });
        listed.Select(version => (version.Version, version.IsRemoval)).ShouldBe([(7L, true)]);
        (await node.ListAll(new Listing { Key = A, IsOldestFirst = true })).Select(version => version.Version).ShouldBe([7L]);
    });

    [Theory]
    [InlineData(Then.Nothing)]
    [InlineData(Then.Checkpoint)]
    [InlineData(Then.CrashBeforeCheckpoint)]
    [InlineData(Then.CrashAfterCheckpoint)]
    [InlineData(Then.Unload)]
    public void One_that_is_made_anew_goes_on_counting_and_keeps_what_it_was_hidden(Then then) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(A, "n", 2));
        node.Checkpoint();
        await node.Do(Make.Erase(A));
        (await node.Do(Make.Set(A, "n", 4))).ShouldBe(4);
        await node.Do(Make.Set(A, "n", 5));
        node = await Go(world, node, then);

        (await node.Json(A)).ShouldBe("""{"n":5}""");
        (await node.Json(A, 4)).ShouldBe("""{"n":4}""");
        (await node.Json(A, 3)).ShouldBe("none");
        (await node.Json(A, 2)).ShouldBe(nameof(RefusalCode.VersionNotFound));
        var listed = await node.ListAll(new Listing { Key = A });
        listed.Select(version => (version.Version, version.IsReadable)).ShouldBe([(5L, true), (4L, true), (3L, true)]);
        (await node.Do(Make.Restore(A, 4))).ShouldBe(6);
    });

    [Fact]
    public void The_store_has_nothing_left_of_it_after_the_next_checkpoint() => World.Run(async world =>
    {
        var node = await world.StartAsync(new EngineOptions { ShardCount = World.Shards, SnapshotEvery = 1 });
        await node.Do(Make.Set(A, "n", 1));
        node.Checkpoint();
        await node.Do(Make.Set(A, "n", 2));
        await node.Do(Make.Message(A));
        node.Checkpoint();
        Snapshot(world, 2).ShouldNotBeNull();

        await node.Do(Make.Erase(A));
        node.Checkpoint();

        Snapshot(world, 2).ShouldBeNull();
        var row = world.Stored(A).ShouldNotBeNull();
        (row.Document, row.Version).ShouldBe((null, 3));
        System.Text.Encoding.UTF8.GetString(row.Metadata.Span).ShouldNotContain("hi");
    });

    [Fact]
    public void Copies_that_wait_for_a_refused_row_do_not_come_back() => World.Run(async world =>
    {
        var options = new EngineOptions { ShardCount = World.Shards, SnapshotEvery = 1, CheckpointAttempts = 1, JournalRetention = TimeSpan.FromMinutes(10) };
        var node = await world.StartAsync(options);
        await node.Do(Make.Set(A, "n", 1));
        node.Checkpoint();
        world.Pass(options.JournalRetention.TotalSeconds / 5);
        node.Faults.Refuse(A);
        var stall = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.Set(A, "n", 2));
        await stall.Reached;

        // It is encoded with its copy, waits for its commit, is erased meanwhile, and only then refused.
        world.Pass(1.5);
        var erased = node.Submit(Make.Erase(A));
        stall.Release();
        (await erased.Answer).ShouldBeNull();
        world.Pass(5);
        node.Faults.Accept(A);
        node.Checkpoint();

        Snapshot(world, 2).ShouldBeNull();
    });

    [Fact]
    public void A_session_ends_with_it_and_messages_go() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var holder = node.Open(A, 1);
        world.Settle();
        await node.Do(Make.Message(A));
        await node.Do(Make.Erase(A));
        world.Settle();
        holder.Log[^1].ShouldContain(nameof(SessionEndReason.Removed));
        (await node.Code(Make.Set(A, "n", 1).Under(1))).ShouldBe(RefusalCode.SessionLost);

        var next = node.Open(A, 2);
        world.Settle();
        next.Text.ShouldBe("opened 2");
    });

    [Fact]
    public void A_watcher_that_comes_back_hears_nothing_of_what_it_was() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        node.Watch(A);
        world.Settle();
        await node.Do(Make.Set(A, "n", 2));
        await node.Do(Make.Erase(A));

        var back = node.Watch(A, from: 1);
        world.Settle();
        back.Log.ShouldBe(["start 3"]);
    });

    [Fact]
    public void What_was_removed_before_can_be_erased_once() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        (await node.Code(Make.Erase(A))).ShouldBe(RefusalCode.NotFound);
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Remove(A));
        (await node.Do(Make.Erase(A))).ShouldBe(3);
        (await node.Code(Make.Erase(A))).ShouldBe(RefusalCode.NotFound);
        (await node.Json(A, 1)).ShouldBe(nameof(RefusalCode.VersionNotFound));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_can_be_a_part_of_a_unit_over_several_nodes(bool isHome) => World.Run(async world =>
    {
        world.Links.AreOpen = true;
        var one = await world.JoinAsync([0, 1]);
        var other = await world.JoinAsync([2, 3]);
        var there = World.KeyIn(2);
        await one.Do(Make.Set(A, "n", 1));
        await (isHome ? one.Do(Make.Erase(A), Make.Set(there, "n", 1)) : other.Do(Make.Set(there, "n", 1), Make.Erase(A)));
        world.Pass(1);

        (await one.Json(A, 1)).ShouldBe(nameof(RefusalCode.VersionNotFound));
        (await other.Json(there)).ShouldBe("""{"n":1}""");
    });

    private static async Task<Node> Go(World world, Node node, Then then)
    {
        if (then is Then.Checkpoint or Then.CrashAfterCheckpoint)
            node.Checkpoint();
        if (then == Then.Unload)
            world.Pass(120);
        if (then is not (Then.CrashBeforeCheckpoint or Then.CrashAfterCheckpoint))
            return node;
        node.Crash();
        return await world.StartAsync();
    }

    private static StoredSnapshot? Snapshot(World world, long version) => world.Database.Entities(0, entities => entities.SnapshotAtOrBelow(A, version));
}
