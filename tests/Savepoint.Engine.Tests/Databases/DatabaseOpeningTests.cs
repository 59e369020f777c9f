namespace Savepoint.Engine.Tests;

/// <summary>E5, E8: several databases are the parts of one whole, and a start that would take others for them is refused.</summary>
public sealed class DatabaseOpeningTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey C = World.KeyIn(2);

    [Fact]
    public void All_databases_share_one_identity_that_stays() => World.Run(async world =>
    {
        world.UseTwoDatabases();
        var node = await world.StartAsync();
        var identity = node.Engine.DatabaseId;
        identity.ShouldNotBe(Guid.Empty);
        IdentityOf(world.Database).ShouldBe(new StoreIdentity(identity, World.Shards) { Shards = "0-1", Layout = "0-1,2-3" });
        IdentityOf(world.Second!).ShouldBe(new StoreIdentity(identity, World.Shards) { Shards = "2-3", Layout = "0-1,2-3" });
        await node.StopAsync();
        (await world.StartAsync()).Engine.DatabaseId.ShouldBe(identity);
    });

    [Fact]
    public void Nodes_that_make_the_databases_at_once_agree_on_the_identity() => World.Run(async world =>
    {
        world.UseTwoDatabases();
        var nodes = Enumerable.Range(0, 3).Select(_ => world.NewNode()).ToList();
        var stall = nodes[0].SecondFaults.StallNext(StoreOperation.Open);
        var starts = nodes.ConvertAll(node => node.Engine.StartWithoutShardsAsync(CancellationToken.None));
        await nodes[1].Take(0, 2);
        stall.Release();
        await Task.WhenAll(starts);
        nodes.Select(node => node.Engine.DatabaseId).Distinct().ShouldHaveSingleItem();
    });

    [Fact]
    public void Databases_that_were_exchanged_are_refused() => World.Run(async world =>
    {
        await UseAsync(world);
        world.UseTwoDatabases(world.Second!, world.Database);
        (await RefusalAsync(world)).ShouldBe(
            "The database for the shards 0-1: The database was made for the shards 2-3, and is configured for the shards 0-1. Is the connection string right? Ranges can't be changed once the databases are made.");
    });

    [Fact]
    public void The_database_of_another_deployment_is_refused() => World.Run(async world =>
    {
        await UseAsync(world);
        var own = world.Database;
        world.UseTwoDatabases(new MemoryDatabase(), new MemoryDatabase());
        await UseAsync(world);
        var others = IdentityOf(world.Second!);
        world.UseTwoDatabases(own, world.Second!);
        (await RefusalAsync(world)).ShouldContain("belongs to another deployment");
        IdentityOf(world.Second!).ShouldBe(others);
    });

    [Fact]
    public void An_empty_database_in_the_place_of_one_that_was_used_is_refused_and_stays_empty() => World.Run(async world =>
    {
        await UseAsync(world);
        var empty = new MemoryDatabase();
        world.UseTwoDatabases(world.Database, empty);
        (await RefusalAsync(world)).ShouldContain("There is nothing in the database for the shards 2-3, although the one for the shards 0-1 has been in use.");
        IdentityOf(empty).ShouldBeNull();
    });

    [Fact]
    public void A_single_database_is_refused_as_one_of_two() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.StopAsync();
        world.UseTwoDatabases();
        (await RefusalAsync(world)).ShouldContain("was made for the shards 0-3, and is configured for the shards 0-1");
        IdentityOf(world.Second!).ShouldBeNull();
    });

    [Fact]
    public void Other_ranges_of_the_other_databases_are_refused_also_while_those_are_down() => World.Run(async world =>
    {
        await UseAsync(world);
        world.UseOther([(new ShardRange(0, 1), world.Database), (new ShardRange(2, 2), new MemoryDatabase()), (new ShardRange(3, 3), new MemoryDatabase())]);
        var node = world.NewNode();
        node.SecondFaults.IsDown = true;
        (await FailureAsync(node)).Message.ShouldContain("with the shards 0-1,2-3, and 0-1,2-2,3-3 are configured");
    });

    [Fact]
    public void A_first_start_that_was_cut_short_is_finished_by_the_next() => World.Run(async world =>
    {
        world.UseTwoDatabases();
        // The first one is made, the second is not.
        await new MemoryStore(world.Database).OpenAsync(
            new StoreOpenOptions(World.Shards, Guid.AllBitsSet, world.Time.GetUtcNow()) { Shards = new ShardRange(0, 1), Layout = "0-1,2-3" }, CancellationToken.None);
        var node = await world.StartAsync();
        node.Engine.DatabaseId.ShouldBe(Guid.AllBitsSet);
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(C, "n", 1));
    });

    [Fact]
    public void No_database_is_made_while_another_can_not_be_looked_at() => World.Run(async world =>
    {
        world.UseTwoDatabases();
        var node = world.NewNode();
        node.Faults.IsDown = true;
        (await FailureAsync(node)).IsTransient.ShouldBeTrue();
        IdentityOf(world.Second!).ShouldBeNull();
    });

    [Fact]
    public void A_start_while_one_database_is_down_serves_the_others_and_takes_its_shards_when_it_is_back() => World.Run(async world =>
    {
        await UseAsync(world);
        var node = world.NewNode();
        node.SecondFaults.IsDown = true;
        await node.StartAsync();
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        (await node.Json(C)).ShouldBe("Unavailable");
        node.Engine.Snapshot().FailedShards.Keys.ShouldBe([2, 3]);
        world.Pass(300);
        (await node.Json(C)).ShouldBe("Unavailable");
        node.SecondFaults.IsDown = false;
        world.Pass(10);
        (await node.Json(C)).ShouldBe("""{"n":1}""");
        await node.Do(Make.Add(C, "n", 1));
        var snapshot = node.Engine.Snapshot();
        (snapshot.FailedShards.Count, snapshot.StoreFailure, snapshot.ServedShards.Count).ShouldBe((0, null, 4));
        await node.StopAsync();
    });

    [Fact]
    public void A_process_that_another_has_followed_takes_nothing_more() => World.Run(async world =>
    {
        await UseAsync(world);
        var first = world.NewNode();
        first.SecondFaults.IsDown = true;
        await first.StartAsync();
        var second = await world.StartAsync();
        (await second.Json(C)).ShouldBe("""{"n":1}""");
        first.SecondFaults.IsDown = false;
        world.Pass(60);
        first.Engine.Snapshot().ServedShards.ShouldNotContain(2);
        await second.Do(Make.Add(C, "n", 1));
        await second.Do(Make.Add(A, "n", 1));
        first.Engine.Snapshot().StoreFailure.ShouldBeNull();
    });

    [Fact]
    public void A_database_that_fails_while_it_is_recovered_is_recovered_later() => World.Run(async world =>
    {
        await UseAsync(world);
        var node = world.NewNode();
        node.SecondFaults.FailNext(StoreOperation.ReadJournal, times: 4);
        await node.StartAsync();
        node.Engine.Snapshot().FailedShards.Count.ShouldBeGreaterThan(0);
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        world.Pass(10);
        (await node.Json(C)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_node_of_a_cluster_opens_later_what_is_down_when_it_starts() => World.Run(async world =>
    {
        await UseAsync(world);
        var node = world.NewNode();
        node.SecondFaults.IsDown = true;
        await node.Engine.StartWithoutShardsAsync(CancellationToken.None);
        (await node.TryTake(0, 2)).Select(taken => taken.Outcome.ToString()).ShouldBe(["Served", "StoreFailed"]);
        node.SecondFaults.IsDown = false;
        world.Pass(10);
        await node.Take(2);
        (await node.Json(C)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_start_fails_when_no_database_can_be_opened() => World.Run(async world =>
    {
        await UseAsync(world);
        var node = world.NewNode();
        node.Faults.IsDown = node.SecondFaults.IsDown = true;
        (await FailureAsync(node)).Message.ShouldBe("The database for the shards 0-1: The database can't be reached.");
    });

    [Theory]
    [InlineData("0-1,2-3", null)]
    [InlineData("2-3,0-1", null)]
    [InlineData("0-0,1-1,2-3", null)]
    [InlineData("0-1", "no database holds the shards 2-3.")]
    [InlineData("1-3", "no database holds the shards 0-0.")]
    [InlineData("0-1,3-3", "no database holds the shards 2-2.")]
    [InlineData("0-2,2-3", "two databases hold the shards 2-2.")]
    [InlineData("0-3,1-2", "two databases hold the shards 1-2.")]
    [InlineData("0-4", "there are no shards 4-4: the last one is 3.")]
    [InlineData("0-3,4-7", "there are no shards 4-7: the last one is 3.")]
    public void Ranges_hold_each_shard_once(string ranges, string? fault)
    {
        var parsed = ranges.Split(',').Select(text => ShardRange.TryParse(text, out var range) ? range : default);
        Databases.ShardDatabases.FindFault(parsed, shardCount: 4).ShouldBe(fault);
    }

    [Theory]
    [InlineData("7", true)]
    [InlineData("0-31", true)]
    [InlineData("", false)]
    [InlineData("3-1", false)]
    [InlineData("-1", false)]
    [InlineData("0-", false)]
    [InlineData("0-1-2", false)]
    [InlineData("a-b", false)]
    [InlineData(" 0-1", false)]
    [InlineData("99999999999", false)]
    public void A_range_is_read_strictly(string text, bool isRange) => ShardRange.TryParse(text, out _).ShouldBe(isRange);

    private static async Task UseAsync(World world)
    {
        if (world.Second is null)
            world.UseTwoDatabases();
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(C, "n", 1));
        await node.StopAsync();
    }

    private static async Task<string> RefusalAsync(World world)
    {
        var failure = await FailureAsync(world.NewNode());
        failure.IsTransient.ShouldBeFalse();
        return failure.Message;
    }

    private static async Task<StoreException> FailureAsync(Node node)
    {
        try
        {
            await node.StartAsync();
        }
        catch (StoreException failure)
        {
            return failure;
        }

        throw new InvalidOperationException("It has started.");
    }

    private static StoreIdentity? IdentityOf(MemoryDatabase database) => database.Identity;
}
