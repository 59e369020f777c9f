using Savepoint.Engine.Reading;

namespace Savepoint.Engine.Tests;

/// <summary>What a scan lists: every entity that exists, whether it is stored already or in memory only.</summary>
public sealed class ScanTests
{
    private static readonly EntityKey A = World.KeyIn(0, 0);
    private static readonly EntityKey B = World.KeyIn(0, 1);
    private static readonly EntityKey C = World.KeyIn(0, 2);

    [Fact]
    public void A_scan_puts_what_is_stored_and_what_is_newer_in_memory_together() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(B, "n", 1));
        await node.Do(Make.Set(World.KeyIn(1), "n", 1));
        await node.Do(Make.Set(World.KeyIn(0, kind: "hero"), "level", 9));
        node.Checkpoint();
        await node.Do(Make.Remove(A));
        await node.Do(Make.Set(B, "n", 2));
        await node.Do(Make.Set(C, "n", 3));

        (await node.Scan(0, documents: true)).ShouldBe([(B.Id, """{"n":2}"""), (C.Id, """{"n":3}""")], ignoreOrder: true);
        (await node.Scan(0, removed: true)).Select(entity => entity.Id).ShouldBe([A.Id, B.Id, C.Id], ignoreOrder: true);
        (await node.Scan(0, kind: "hero")).Count.ShouldBe(1);
        (await node.Scan(2)).ShouldBeEmpty();
    });

    [Fact]
    public void A_page_waits_until_what_it_saw_is_durable() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.Set(B, "n", 1));
        await stall.Reached;
        var scan = node.BeginScan(new Scan { Key = new EntityKey("thing", ""), Shard = 0 });
        world.Settle();
        scan.Page.IsCompleted.ShouldBeFalse();

        stall.Release();
        world.Settle();
        (await scan.Page)!.Entities.Count.ShouldBe(2);
    });

    [Fact]
    public void What_is_being_stored_while_the_store_is_read_is_listed() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.WriteCheckpoint);
        world.Pass(1.5);
        await stall.Reached;

        (await node.Scan(0)).Select(entity => entity.Id).ShouldBe([A.Id]);
        stall.Release();
    });

    [Fact]
    public void What_is_stored_between_the_look_at_memory_and_the_reading_of_the_store_is_listed() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.ReadEntities);
        var scan = node.BeginScan(new Scan { Key = new EntityKey("thing", ""), Shard = 0 });
        await stall.Reached;
        world.Pass(5);
        stall.Release();

        (await scan.Page)!.Entities.Single().Key.ShouldBe(A);
    });

    [Fact]
    public void What_was_dropped_from_memory_before_it_was_stored_is_listed() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));

        // The commit is given up, and with it goes the entity, whose first version no checkpoint has yet.
        node.Faults.FailNext(StoreOperation.Append, times: 1, isTransient: false);
        (await node.Code(Make.Set(A, "n", 2))).ShouldBe(RefusalCode.Unavailable);

        (await node.Scan(0, documents: true)).ShouldBe([(A.Id, """{"n":1}""")]);
    });

    [Fact]
    public void What_a_unit_over_nodes_holds_is_listed_as_it_is_decided() => World.Run(async world =>
    {
        world.Links.AreOpen = true;
        var one = await world.JoinAsync([0, 1]);
        var other = await world.JoinAsync([2, 3]);
        var there = World.KeyIn(2);
        await other.Do(Make.Set(World.KeyIn(2, 1), "n", 1));
        var stall = one.Faults.StallNext(StoreOperation.Append);
        var unit = one.Submit(Make.Set(A, "n", 1), Make.Set(there, "n", 1));
        await stall.Reached;
        var scan = other.BeginScan(new Scan { Key = new EntityKey("thing", ""), Shard = 2 });
        world.Settle();
        scan.Page.IsCompleted.ShouldBeFalse();

        stall.Release();
        (await unit.Answer).ShouldBeNull();
        (await scan.Page)!.Entities.Count.ShouldBe(2);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void All_that_exist_throughout_are_listed_once_and_in_order_whatever_happens_meanwhile(int seed) => World.Run(
        async world =>
        {
            var node = await world.StartAsync();
            var keys = Enumerable.Range(0, 40).Select(i => World.KeyIn(0, i)).ToArray();
            var exists = new bool[keys.Length];
            for (var round = 0; round < 60; round++)
            {
                for (var i = world.Random.Next(12); i >= 0; i--)
                {
                    var at = world.Random.Next(keys.Length);
                    exists[at] = !exists[at] || world.Random.Next(3) > 0;
                    await node.Do(exists[at] ? Make.Set(keys[at], "n", round) : Make.Remove(keys[at]));
                }

                world.Pass(world.Random.NextDouble() * 1.5);
                if (world.Random.Next(12) == 0)
                {
                    node.Crash();
                    node = await world.StartAsync();
                }

                // Removed and made anew while the pages are read: such may be listed or not.
                var before = exists.ToArray();
                var removed = false;
                var listed = await node.Scan(0, limit: 1 + world.Random.Next(9), documents: world.Random.Next(2) == 0, between: async () =>
                {
                    var at = world.Random.Next(keys.Length);
                    if (exists[at] && !removed)
                    {
                        await node.Do(Make.Remove(keys[at]));
                        (exists[at], removed) = (false, true);
                    }

                    world.Pass(world.Random.NextDouble());
                });

                var ids = listed.Select(entity => entity.Id).ToList();
                ids.ShouldBe([.. ids.Distinct().Order(Comparer<string>.Create(IdOrder.Compare))]);
                for (var i = 0; i < keys.Length; i++)
                {
                    if (before[i] == exists[i])
                        ids.Contains(keys[i].Id).ShouldBe(exists[i], $"{keys[i]} in round {round}");
                }
            }
        },
        seed);

    [Fact]
    public void A_scan_that_asks_for_too_much_or_for_what_is_not_there_is_refused() => World.Run(async world =>
    {
        var node = await world.JoinAsync([0]);
        (await Refused(new Scan { Key = new EntityKey("thing", ""), Shard = 0, Limit = 1_001 })).ShouldBe(RefusalCode.InvalidRequest);
        (await Refused(new Scan { Key = new EntityKey("thing", ""), Shard = 4 })).ShouldBe(RefusalCode.InvalidRequest);
        (await Refused(new Scan { Key = new EntityKey("nothing", ""), Shard = 0 })).ShouldBe(RefusalCode.UnknownKind);
        (await Refused(new Scan { Key = new EntityKey("thing", ""), Shard = 1 })).ShouldBe(RefusalCode.NotOwner);

        async Task<RefusalCode> Refused(Scan scan)
        {
            node.BeginScan(scan);
            (await scan.Page).ShouldBeNull();
            return scan.Refusal!.Code;
        }
    });
}
