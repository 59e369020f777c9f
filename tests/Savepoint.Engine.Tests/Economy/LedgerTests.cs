namespace Savepoint.Engine.Tests;

/// <summary>The economy ledger (P26): what increments add and take, each committed one once.</summary>
public sealed class LedgerTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    [Fact]
    public void Increments_are_summed_by_path_and_reason_sources_and_sinks_apart() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        await Give(node, A, "gold", 50, "quest:dragon");
        await Give(node, B, "gold", 30, "quest:dragon");
        await Give(node, A, "gold", -20, "shop:sword");
        await Give(node, A, "bag.sword", 1, "shop:sword");
        await Give(node, A, "luck", 0.5, null);
        (await Ledger(node)).ShouldBe("bag.sword shop:sword +1×1 -0×0 | gold quest:dragon +80×2 -0×0 | gold shop:sword +0×0 -20×1 | luck  +0.5×1 -0×0");
    });

    [Fact]
    public void What_an_intent_and_a_unit_of_several_add_counts_and_what_is_set_or_refused_does_not() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        await Give(node, A, "gold", 100, "start");
        await node.Do(Make.Intent(A, "spend", """{"amount":30}"""));
        (await node.Try(Make.Intent(A, "spend", """{"amount":300}""")))!.Code.ShouldBe(RefusalCode.IntentRefused);
        await node.Do(Make.Add(A, "gold", -5), Make.Add(B, "gold", 5));
        (await node.Try(Make.Add(A, "gold", -5), Make.Add(B, "gold", -900, min: 0))).ShouldNotBeNull();
        await node.Do(Make.Set(A, "gold", 1_000_000));
        await node.Do(Make.Restore(A, 1));
        (await Ledger(node)).ShouldBe("gold  +5×1 -35×2 | gold start +100×1 -0×0");
    });

    [Fact]
    public void The_record_of_a_purchase_is_no_amount() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        await node.Do(Make.Delta(A, delta =>
        {
            delta.Set("gold", 100);
            delta.Set("purchases", new MapBuilder().Build());
        }));
        await node.Do(Make.Delta(A, delta =>
        {
            delta.Increment("purchases.order-1", 1_795_000_000_000, 1_795_000_000_000, 1_795_000_000_000);
            delta.Increment("gold", -30, min: 0, max: 1_000);
        }));
        (await Ledger(node)).ShouldBe("gold  +0×0 -30×1");
    });

    [Fact]
    public void Items_of_a_list_are_one_path_and_other_days_are_others() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        await node.Do(Make.Delta(A, delta => delta.Set("bags", DocumentJson.Parse("""{"b":[{"n":1},{"n":1}]}""").Get("b"))));
        await Give(node, A, "bags[0].n", 3, null);
        await Give(node, A, "bags[1].n", 4, null);
        (await Ledger(node)).ShouldBe("bags[].n  +7×2 -0×0");
        var first = Today(world);
        node.ClockError = TimeSpan.FromDays(1);
        await Give(node, A, "bags[1].n", 5, null);
        node.Checkpoint();
        (await node.Engine.ReadLedgerAsync(new LedgerQuery(first, first.AddDays(1)), default)).Select(row => (row.Day, row.Sources)).ShouldBe([(first, 7L), (first.AddDays(1), 5L)]);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_committed_increment_is_in_the_sums_once_after_crashes(bool checkpointed) => World.Run(async world =>
    {
        var node = await StartAsync(world);
        for (var round = 1; round <= 5; round++)
        {
            await Give(node, A, "gold", 1, "r");
            await Give(node, B, "gold", -1, "r");
            if (checkpointed)
                node.Checkpoint();
            await Give(node, A, "gold", 10, "r");
            node.Crash();
            node = await world.StartAsync();
            (await Ledger(node)).ShouldBe($"gold r +{round * 11}×{round * 2} -{round}×{round}");
        }
    });

    [Fact]
    public void A_checkpoint_whose_answer_is_lost_counts_nothing_twice() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        await Give(node, A, "gold", 1, null);
        node.Faults.LoseAnswerOfNext(StoreOperation.WriteCheckpoint);
        node.Faults.LoseAnswerOfNext(StoreOperation.WriteCheckpoint);
        await Give(node, A, "gold", 1, null);
        (await Ledger(node)).ShouldBe("gold  +2×2 -0×0");

        // One that is written, and whose owner dies before it hears of it.
        await Give(node, A, "gold", 1, null);
        var stall = node.Faults.StallAnswerOfNext(StoreOperation.WriteCheckpoint);
        world.Pass(5);
        await stall.Reached;
        await Give(node, A, "gold", 1, null);
        node.Crash();
        node = await world.StartAsync();
        (await Ledger(node)).ShouldBe("gold  +4×4 -0×0");
    });

    [Fact]
    public void What_comes_while_a_checkpoint_is_written_is_not_in_its_sums() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        node.Checkpoint();
        await Give(node, A, "gold", 1, null);
        var entities = node.Faults.StallNext(StoreOperation.WriteCheckpoint);
        await entities.Reached;
        await Give(node, A, "gold", 10, null);
        var stored = node.Faults.StallAnswerOfNext(StoreOperation.WriteCheckpoint);
        entities.Release();
        await stored.Reached;
        var states = node.Faults.StallAnswerOfNext(StoreOperation.WriteCheckpoint);
        stored.Release();
        await states.Reached;
        node.Crash();
        node = await world.StartAsync();
        (await Ledger(node)).ShouldBe("gold  +11×2 -0×0");
    });

    [Fact]
    public void What_a_commit_that_is_given_up_has_added_is_taken_back() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        await Give(node, A, "gold", 1, null);
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Try(Make.Add(A, "gold", 100))).ShouldNotBeNull();
        await Give(node, A, "gold", 10, null);
        (await Ledger(node)).ShouldBe("gold  +11×2 -0×0");
    });

    [Fact]
    public void A_repeat_counts_once() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        var first = node.Submit(Make.Add(A, "gold", 5).By(1, 1));
        await first.Answer;
        await node.Submit(first.Again()).Answer;
        (await Ledger(node)).ShouldBe("gold  +5×1 -0×0");
    });

    [Fact]
    public void Who_takes_the_shard_goes_on_with_the_sums_and_the_former_owner_adds_nothing() => World.Run(async world =>
    {
        var former = await StartAsync(world);
        await Give(former, A, "gold", 1, null);
        former.Checkpoint();
        await Give(former, A, "gold", 10, null);
        var stall = former.Faults.StallNext(StoreOperation.WriteCheckpoint);
        world.Pass(5);
        await stall.Reached;
        var next = await world.StartAsync();
        await Give(next, A, "gold", 100, null);
        (await Ledger(next)).ShouldBe("gold  +111×3 -0×0");
        stall.Release();
        world.Pass(5);
        (await Ledger(next)).ShouldBe("gold  +111×3 -0×0");
    });

    [Fact]
    public void What_is_beyond_the_limit_of_rows_is_summed_in_one_row_of_its_own() => World.Run(async world =>
    {
        var node = await StartAsync(world, World.Options with { MaxLedgerRows = 2 });
        for (var i = 0; i < 5; i++)
            await Give(node, A, "gold", 1, $"r{i}");
        node.Checkpoint();
        node.Crash();
        node = await world.StartAsync(World.Options with { MaxLedgerRows = 2 });
        await Give(node, A, "gold", 1, "r0");
        await Give(node, A, "gold", 1, "r9");
        (await Ledger(node)).ShouldBe("(other) (other) +4×4 -0×0 | gold r0 +2×2 -0×0 | gold r1 +1×1 -0×0");
    });

    [Fact]
    public void Days_that_are_over_are_let_go_of_and_stay_as_they_were() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        var first = Today(world);
        for (var day = 0; day < 6; day++)
        {
            await Give(node, A, "gold", day + 1, "r");
            node.Checkpoint();
            await Give(node, A, "gold", 100, "r");
            node.Checkpoint();
            node.ClockError += TimeSpan.FromDays(1);
        }

        (await node.Engine.ReadLedgerAsync(new LedgerQuery(first, first.AddDays(9)), default)).Select(row => row.Sources).ShouldBe([101L, 102, 103, 104, 105, 106]);
    });

    [Fact]
    public void A_reason_and_a_path_that_a_database_would_not_take_are_kept_as_it_does() => World.Run(async world =>
    {
        var node = await StartAsync(world);
        await Give(node, A, "gold", 1, "a\0b");
        await node.Do(Make.Delta(A, delta => delta.Increment(Savepoint.Documents.Path.Root.Child(new string('x', 120)).Child(new string('y', 120)), 2L)));
        (await Ledger(node)).ShouldBe("(other) (other) +2×1 -0×0 | gold a\ufffdb +1×1 -0×0");
    });

    private static async Task<Node> StartAsync(World world, EngineOptions? options = null)
    {
        var node = await world.StartAsync(options);
        foreach (var key in new[] { A, B })
            await node.Do(Make.Set(key, "made", true));
        return node;
    }

    private static async Task Give(Node node, EntityKey key, string path, double amount, string? reason)
    {
        var unit = new TestUnit(Make.Delta(key, delta =>
        {
            if (amount == Math.Floor(amount))
                delta.Increment(path, (long)amount);
            else
                delta.Increment(path, amount);
        }))
        {
            Reason = reason,
        };
        (await node.Submit(unit).Answer).ShouldBeNull();
    }

    private static async Task<string> Ledger(Node node)
    {
        node.Checkpoint();
        var day = Today(node.World);
        var rows = await node.Engine.ReadLedgerAsync(new LedgerQuery(day.AddDays(-1), day.AddDays(1)), default);
        return string.Join(" | ", rows.Select(row => FormattableString.Invariant(
            $"{row.Path} {row.Reason} +{row.Sources + row.RealSources}×{row.SourceCount} -{row.Sinks + row.RealSinks}×{row.SinkCount}")));
    }

    private static DateOnly Today(World world) => DateOnly.FromDateTime(world.Time.GetUtcNow().UtcDateTime);
}
