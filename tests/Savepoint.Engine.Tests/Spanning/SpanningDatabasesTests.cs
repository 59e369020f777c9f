namespace Savepoint.Engine.Tests;

/// <summary>I4 and I8 of units over two databases of one engine, which no other node helps.</summary>
public sealed class SpanningDatabasesTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);
    private static readonly EntityKey C = World.KeyIn(2);
    private static readonly EntityKey D = World.KeyIn(3);

    [Fact]
    public void A_unit_over_two_databases_takes_effect_whole_and_is_there_after_a_crash() => Run(async (world, node) =>
    {
        var unit = node.Submit(Make.Set(A, "n", 1), Make.Set(C, "n", 2), Make.Set(B, "n", 3), Make.Set(D, "n", 4));
        (await unit.Answer).ShouldBeNull();
        unit.Versions.ShouldBe([1, 1, 1, 1]);
        node.Crash();

        node = await world.StartAsync();
        (await node.Json(A) + await node.Json(B) + await node.Json(C) + await node.Json(D)).ShouldBe("""{"n":1}{"n":3}{"n":2}{"n":4}""");
        await IsAtRestAsync(world, node);
    });

    [Fact]
    public void The_decision_is_in_one_commit_with_the_parts_of_its_own_database_and_with_no_others() => Run(async (world, node) =>
    {
        await node.Do(Make.Set(A, "n", 1), Make.Set(B, "n", 2), Make.Set(C, "n", 3), Make.Set(D, "n", 4));

        var decided = world.Journal(0)[^1].CommitId;
        world.Journal(1)[^1].CommitId.ShouldBe(decided);
        foreach (var shard in new[] { 2, 3 })
            world.Journal(shard).ShouldAllBe(segment => segment.CommitId != decided);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_refusal_of_any_part_refuses_all_of_it_and_is_remembered(int at) => Run(async (world, node) =>
    {
        EntityKey[] keys = [A, C, B];
        var mutations = keys.Select((key, i) => i == at ? Make.Add(key, "gold", -1, min: 0) : Make.Add(key, "gold", 1)).ToArray();
        var unit = node.Submit(new TestUnit(mutations).By(1, 1));
        var refusal = await unit.Answer;
        (refusal!.Code, refusal.Mutation, refusal.Key).ShouldBe((RefusalCode.Document, at, keys[at]));
        await node.Do(Make.Set(keys[at], "gold", 9));
        node.Crash();

        node = await world.StartAsync();
        (await node.Submit(unit.Again()).Answer)!.Code.ShouldBe(RefusalCode.Document);
        foreach (var key in keys.Where(key => key != keys[at]))
            (await node.Json(key)).ShouldBe("none");
        await IsAtRestAsync(world, node);
    });

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Whenever_the_process_dies_the_unit_is_whole_or_absent_and_once(bool atSecond, bool isHomeSecond)
    {
        var moment = 0;
        for (var hasDied = true; hasDied; moment++)
        {
            Run(async (world, node) =>
            {
                var (from, to) = isHomeSecond ? (C, A) : (A, C);
                await node.Do(Make.Set(from, "gold", 10));
                world.Pass(1.5);
                var points = atSecond ? node.SecondCrashes : node.Crashes;
                points.DieAt = points.Passed + moment;
                var first = new TestUnit(Make.Add(from, "gold", -5, min: 0), Make.Add(isHomeSecond ? D : B, "gold", 2), Make.Add(to, "gold", 3)).By(1, 1);
                node.Submit(first);
                world.Pass(3);
                hasDied = points.IsDead;
                points.DieAt = null;
                if (hasDied)
                    node = await world.StartAsync();

                var again = node.Submit(first.Again());
                (await again.Answer).ShouldBeNull();
                again.Versions.ShouldBe([2, 1, 1]);
                (await node.Json(from) + await node.Json(isHomeSecond ? D : B) + await node.Json(to)).ShouldBe("""{"gold":5}{"gold":2}{"gold":3}""");
                await IsAtRestAsync(world, node);
                (await node.Do(Make.Add(from, "gold", 1)), await node.Do(Make.Add(to, "gold", 1))).ShouldBe((3, 2));
            }, seed: moment + 1);
        }

        moment.ShouldBeGreaterThan(4, "all moments were tried");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void While_a_database_is_down_the_unit_is_refused_in_time_with_nothing_done_and_nothing_is_held_when_it_is_back(bool isHomeDown) => Run(async (world, node) =>
    {
        await node.Do(Make.Set(A, "n", 1), Make.Set(C, "n", 1));
        world.Pass(3);
        (isHomeDown ? node.Faults : node.SecondFaults).IsDown = true;
        var before = world.Time.Elapsed;
        var unit = node.Submit(Make.Add(A, "n", 1), Make.Add(C, "n", 1));
        (await unit.Answer)!.IsTransient.ShouldBeTrue();
        (world.Time.Elapsed - before).ShouldBeLessThan(World.Options.UnitTimeout + (2 * World.Options.PeerTimeout));

        (isHomeDown ? node.Faults : node.SecondFaults).IsDown = false;
        await IsAtRestAsync(world, node);
        (await node.Json(A) + await node.Json(C)).ShouldBe("""{"n":1}{"n":1}""");
        (await node.Do(Make.Add(A, "n", 1), Make.Add(C, "n", 1))).ShouldBe(2);
    });

    [Fact]
    public void A_home_database_that_goes_down_with_the_decision_under_way_decides_when_it_is_back() => Run(async (world, node) =>
    {
        await node.Do(Make.Set(A, "n", 1), Make.Set(C, "n", 1));
        world.Pass(3);
        var deciding = node.Faults.StallNext(StoreOperation.Append);
        var unit = node.Submit(new TestUnit(Make.Add(A, "n", 1), Make.Add(C, "n", 1)).By(1, 1));
        await deciding.Reached;
        world.Pass(30);
        (unit.IsAnswered, node.Read(C).Text).ShouldBe((false, "pending"), "nobody sees what may be half of it");
        await node.Do(Make.Set(D, "n", 1));

        deciding.Release();
        (await unit.Answer).ShouldBeNull();
        await IsAtRestAsync(world, node);
        (await node.Json(A) + await node.Json(C)).ShouldBe("""{"n":2}{"n":2}""");
    });

    [Fact]
    public void A_decision_that_could_not_be_stored_lets_go_of_all_that_was_prepared() => Run(async (world, node) =>
    {
        await node.Do(Make.Set(A, "n", 1), Make.Set(C, "n", 1));
        world.Pass(3);
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Code(Make.Add(A, "n", 1), Make.Add(B, "n", 1), Make.Add(C, "n", 1))).ShouldBe(RefusalCode.Unavailable);

        await IsAtRestAsync(world, node);
        (await node.Json(A) + await node.Json(B) + await node.Json(C)).ShouldBe("""{"n":1}none{"n":1}""");
        (await node.Do(Make.Add(C, "n", 1), Make.Add(A, "n", 1))).ShouldBe(2);
    });

    [Fact]
    public void A_database_that_goes_down_once_it_is_decided_carries_its_part_out_when_it_is_back() => Run(async (world, node) =>
    {
        await node.Do(Make.Set(A, "n", 1), Make.Set(C, "n", 1));
        world.Pass(3);
        var deciding = node.Faults.StallNext(StoreOperation.Append);
        var unit = node.Submit(Make.Add(A, "n", 1), Make.Add(C, "n", 1));
        await deciding.Reached;
        node.SecondFaults.IsDown = true;
        deciding.Release();
        (await unit.Answer).ShouldBeNull("it is decided");
        (await node.Json(A)).ShouldBe("""{"n":2}""");
        world.Pass(60);
        (await node.Json(C)).ShouldNotBe("""{"n":1}""", "it can't be read as it was before");
        await node.Do(Make.Add(A, "n", 1));

        node.SecondFaults.IsDown = false;
        await IsAtRestAsync(world, node);
        (await node.Json(C)).ShouldBe("""{"n":2}""");
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void After_a_start_without_one_database_what_is_in_doubt_waits_for_it(int missing) => Run(async (world, node) =>
    {
        await node.Do(Make.Set(A, "n", 1), Make.Set(C, "n", 1));
        world.Pass(3);
        var deciding = node.Faults.StallAnswerOfNext(StoreOperation.Append);
        node.Submit(Make.Add(A, "n", 1), Make.Add(C, "n", 1));
        await deciding.Reached;
        node.Crash();

        node = world.NewNode();
        var faults = missing == 0 ? node.Faults : node.SecondFaults;
        faults.IsDown = true;
        await node.StartAsync();
        (await node.Code(Make.Add(A, "n", 1), Make.Add(C, "n", 1))).ShouldBe(RefusalCode.Unavailable);
        (await node.Code(Make.Add(C, "n", 1), Make.Add(A, "n", 1))).ShouldBe(RefusalCode.Unavailable);
        world.Pass(30);
        (await node.Json(C)).ShouldBe(missing == 0 ? "Busy" : "Unavailable");
        await node.Do(missing == 0 ? Make.Set(D, "n", 1) : Make.Add(A, "n", 1));

        faults.IsDown = false;
        world.Pass(10);
        await IsAtRestAsync(world, node);
        (await node.Json(C)).ShouldBe("""{"n":2}""", "it was decided");
    });

    private static void Run(Func<World, Node, Task> story, int seed = 1) => World.Run(async world =>
    {
        world.UseTwoDatabases();
        await story(world, await world.StartAsync());
    }, seed);

    /// <summary>In the end, with the next checkpoint at the latest, nothing is prepared, under way, or to be told to anybody.</summary>
    private static async Task IsAtRestAsync(World world, Node node)
    {
        await Task.Delay(World.Options.MaxSaveInterval + TimeSpan.FromSeconds(10), world.Time);
        var snapshot = node.Engine.Snapshot();
        (snapshot.PreparedUnits, snapshot.DecidedUnits, snapshot.UnitsUnderWay, snapshot.QueuedUnits).ShouldBe((0, 0, 0, 0));
    }
}
