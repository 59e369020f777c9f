using System.Globalization;
using Savepoint.Engine.Reading;

namespace Savepoint.Engine.Tests;

/// <summary>P18: the versions of an entity can be listed, from either end, by number and by time.</summary>
public sealed class VersionListingTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey Neighbour = World.KeyIn(0, 1);

    [Fact]
    public void A_version_tells_when_by_whom_why_and_how_it_was_made() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "gold", 10));
        world.Pass(5);
        var unit = new TestUnit(Make.Intent(A, "spend", """{"amount":3}""")) { Actor = "server:eu-1", Reason = "shop:sword", CorrelationId = "r-17" };
        (await node.Submit(unit).Answer).ShouldBeNull();
        var at = world.Time.GetUtcNow();
        await node.Do(Make.Remove(A));

        var versions = await node.ListAll(new Listing { Key = A });
        versions.Select(version => version.Version).ShouldBe([3, 2, 1]);
        versions.ShouldAllBe(version => version.IsReadable && version.HasRecord);
        versions.Select(version => version.IsRemoval).ShouldBe([true, false, false]);
        var spent = versions[1];
        (spent.Actor, spent.Reason, spent.CorrelationId, spent.EventType, spent.At).ShouldBe(("server:eu-1", "shop:sword", "r-17", "spend", at));
        spent.DeltaBytes.ShouldBeGreaterThan(0);
        versions[0].DeltaBytes.ShouldBe(0);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pages_follow_on_each_other_without_gap_or_repeat(bool isOldestFirst) => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { SnapshotEvery = 10 });
        await MakeVersionsAsync(node, 120);
        foreach (var limit in new[] { 1, 7, 100, 1_000 })
        {
            var versions = await node.ListAll(new Listing { Key = A, IsOldestFirst = isOldestFirst, Limit = limit });
            versions.Select(version => version.Version).ShouldBe(Range(1, 120, isOldestFirst));
            var part = await node.ListAll(new Listing { Key = A, IsOldestFirst = isOldestFirst, Limit = limit, FromVersion = 33, ToVersion = 71 });
            part.Select(version => version.Version).ShouldBe(Range(33, 71, isOldestFirst));
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_range_of_times_lists_what_was_made_in_it(bool isOldestFirst) => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { SnapshotEvery = 10 });
        await MakeVersionsAsync(node, 120);
        var all = await node.ListAll(new Listing { Key = A });
        foreach (var (first, last) in new[] { (1, 120), (40, 40), (33, 71), (119, 120), (1, 3) })
        {
            var from = all.Find(version => version.Version == first)!.At;
            var until = all.Find(version => version.Version == last)!.At + TimeSpan.FromTicks(1);
            var listed = await node.ListAll(new Listing { Key = A, IsOldestFirst = isOldestFirst, Limit = 9, From = from, Until = until });
            listed.Select(version => version.Version).ShouldBe(Range(first, last, isOldestFirst));
        }

        (await node.ListAll(new Listing { Key = A, IsOldestFirst = isOldestFirst, From = world.Time.GetUtcNow() })).ShouldBeEmpty();
        (await node.ListAll(new Listing { Key = A, IsOldestFirst = isOldestFirst, Until = all[^1].At })).ShouldBeEmpty();
    });

    [Fact]
    public void Versions_are_listed_after_a_crash_also_of_a_removed_entity() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await MakeVersionsAsync(node, 30);
        await node.Do(Make.Remove(A));
        var before = await node.ListAll(new Listing { Key = A });
        node.Crash();
        node = await world.StartAsync();
        (await node.ListAll(new Listing { Key = A })).ShouldBe(before);
        world.Pass(60);
        (await node.ListAll(new Listing { Key = A })).ShouldBe(before);
        before[0].IsRemoval.ShouldBeTrue();
    });

    [Fact]
    public void Sessions_and_messages_are_no_versions() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        for (var i = 1; i <= 20; i++)
        {
            var holder = node.Open(A, i);
            await holder.Opened;
            await node.Do(Make.Message(A));
            (await node.Submit(Make.EndSession(A, holder.Session).By(i, 2)).Answer).ShouldBeNull();
        }

        await node.Do(Make.Set(A, "n", 2));
        (await node.ListAll(new Listing { Key = A, Limit = 1 })).Select(version => version.Version).ShouldBe([2, 1]);
        (await node.ListAll(new Listing { Key = A, Limit = 1, IsOldestFirst = true })).Select(version => version.Version).ShouldBe([1, 2]);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Beyond_the_journal_those_are_listed_that_are_kept_whole_and_they_can_be_read(bool isOldestFirst) => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { SnapshotEvery = 10, JournalRetention = TimeSpan.FromHours(1) });
        await MakeVersionsAsync(node, 45);
        world.Pass(5_000);
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(Neighbour, "n", 1));
        world.Pass(120);
        await node.Do(Make.Add(A, "n", 1));

        var versions = await node.ListAll(new Listing { Key = A, Limit = 2, IsOldestFirst = isOldestFirst });
        var expected = new long[] { 10, 20, 30, 40, 45, 46, 47 };
        versions.Select(version => version.Version).ShouldBe(isOldestFirst ? expected : expected.Reverse());
        versions.Where(version => version.HasRecord).Select(version => version.Version).ShouldBe([46, 47], ignoreOrder: true);
        await CheckAllAsync(node, 47);
    });

    [Fact]
    public void A_version_whose_record_is_left_but_not_what_it_builds_on_is_listed_as_unreadable() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { SnapshotEvery = 10, JournalRetention = TimeSpan.FromHours(1) });
        await MakeVersionsAsync(node, 5);
        world.Pass(3_000);
        for (var i = 0; i < 3; i++)
            await node.Do(Make.Add(A, "n", 1));
        node.Checkpoint();

        // The copy before version 6 is lost: what the journal holds of 6 to 8 has nothing to build on.
        world.Database.Entities(0, entities =>
        {
            entities.TrimSnapshots(DateTimeOffset.MaxValue);
            return 0;
        });
        world.Pass(1_500);
        await node.Do(Make.Add(A, "n", 1));
        node.Checkpoint();
        var versions = await node.ListAll(new Listing { Key = A });
        versions.Select(version => (version.Version, version.IsReadable)).ShouldBe([(9, true), (8, true), (7, false), (6, false)]);
        await CheckAllAsync(node, 9);
    });

    [Fact]
    public void The_present_version_is_listed_however_long_ago_it_was_made() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { JournalRetention = TimeSpan.FromMinutes(20), SnapshotRetention = TimeSpan.FromMinutes(20) });
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(A, "n", 2));
        world.Pass(7_000);
        await node.Do(Make.Set(Neighbour, "n", 1));
        world.Pass(120);
        foreach (var isOldestFirst in new[] { false, true })
        {
            var versions = await node.ListAll(new Listing { Key = A, IsOldestFirst = isOldestFirst });
            versions.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
                version => version.Version.ShouldBe(2),
                version => version.IsReadable.ShouldBeTrue(),
                version => version.HasRecord.ShouldBeFalse());
        }
    });

    [Fact]
    public void A_listing_waits_until_the_newest_version_is_durable() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var change = node.Submit(Make.Set(A, "n", 2));
        await stall.Reached;
        var listing = node.List(new Listing { Key = A });
        world.Settle();
        listing.IsAnswered.ShouldBeFalse();
        stall.Release();
        (await listing.Page)!.Versions.Count.ShouldBe(2);
        (await change.Answer).ShouldBeNull();
    });

    [Fact]
    public void What_is_wrong_with_a_listing_is_said() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        (await CodeAsync(new Listing { Key = World.Thing("never") })).ShouldBe(RefusalCode.NotFound);
        (await CodeAsync(new Listing { Key = new EntityKey("nokind", "a") })).ShouldBe(RefusalCode.UnknownKind);
        (await CodeAsync(new Listing { Key = A, Limit = 0 })).ShouldBe(RefusalCode.InvalidRequest);
        (await CodeAsync(new Listing { Key = A, Limit = 1_001 })).ShouldBe(RefusalCode.InvalidRequest);
        (await CodeAsync(new Listing { Key = A, FromVersion = -1 })).ShouldBe(RefusalCode.InvalidRequest);

        async Task<RefusalCode> CodeAsync(Listing listing)
        {
            await node.List(listing).Page;
            return listing.Refusal!.Code;
        }
    });

    [Fact]
    public void A_position_that_another_entity_has_is_looked_for_anew() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await MakeVersionsAsync(node, 20);
        foreach (var sequence in new long[] { 1, 2, 15, long.MaxValue })
        {
            var versions = await node.ListAll(new Listing { Key = Neighbour, Position = new VersionPosition(20, sequence) });
            versions.Count.ShouldBeGreaterThan(0);
        }
    });

    [Fact]
    public void A_page_costs_as_much_at_either_end_of_many_versions() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        for (var i = 0; i < 100; i++)
        {
            var units = Enumerable.Range(0, 50).Select(_ => node.Submit(Make.Add(A, "n", 1))).ToArray();
            foreach (var unit in units)
                await unit.Answer;
            node.Checkpoint();
        }

        foreach (var isOldestFirst in new[] { false, true })
        {
            foreach (var (from, to) in new[] { (0L, 0L), (1, 150), (2_450, 2_600) })
            {
                var before = node.Crashes.JournalReads;
                var page = await node.List(new Listing { Key = A, IsOldestFirst = isOldestFirst, FromVersion = from, ToVersion = to }).Page;
                page!.Versions.Count.ShouldBe(100);
                (node.Crashes.JournalReads - before).ShouldBeLessThan(20);
            }
        }
    });

    private static async Task MakeVersionsAsync(Node node, int count)
    {
        for (var i = 1; i <= count; i++)
        {
            await node.Do(Make.Add(A, "n", 1));
            await node.Do(Make.Add(Neighbour, "n", 1));
            node.World.Pass(0.4);
        }

        node.Checkpoint();
    }

    /// <summary>What is listed as readable can be read, and nothing else.</summary>
    private static async Task CheckAllAsync(Node node, int newest)
    {
        var readable = (await node.ListAll(new Listing { Key = A })).Where(version => version.IsReadable).Select(version => version.Version).ToHashSet();
        for (var version = 1L; version <= newest; version++)
        {
            var expected = readable.Contains(version) ? string.Create(CultureInfo.InvariantCulture, $$"""{"n":{{version}}}""") : "VersionNotFound";
            (await node.Json(A, version)).ShouldBe(expected);
        }
    }

    private static IEnumerable<long> Range(int first, int last, bool isOldestFirst)
    {
        var range = Enumerable.Range(first, last - first + 1).Select(version => (long)version);
        return isOldestFirst ? range : range.Reverse();
    }
}
