namespace Savepoint.Engine.Tests;

/// <summary>I4: a request takes effect once, and a repeat gets the first outcome.</summary>
public sealed class ExactlyOnceTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    public enum Restart
    {
        None,
        Crash,
        CrashAfterCheckpoint,
        Stop,
    }

    [Theory]
    [InlineData(Restart.None)]
    [InlineData(Restart.Crash)]
    [InlineData(Restart.CrashAfterCheckpoint)]
    [InlineData(Restart.Stop)]
    public void A_repeat_gets_the_first_outcome_and_changes_nothing(Restart restart) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Json(A);
        await node.Json(B);
        var one = node.Submit(Make.Add(A, "n", 1).By(1, 1));
        var both = node.Submit(new TestUnit(Make.Add(A, "n", 1), Make.Add(B, "n", 1)).By(1, 2, fingerprint: 99));
        var refused = node.Submit(new TestUnit(Make.Add(A, "n", 1), Make.Set(B, "n", 1).At(7)).By(1, 3, fingerprint: 98));
        var spending = node.Submit(Make.Intent(A, "spend", """{"amount":5}""").By(1, 4, fingerprint: 97));
        var wrong = node.Submit(Make.Set(A, "n.m", 1).By(1, 5));
        var last = node.Submit(Make.Add(A, "n", 1).By(1, 6));
        await last.Answer;
        last.Version.ShouldBe(3);

        node = await Restarted(world, node, restart);
        foreach (var first in new[] { one, both, refused, spending, wrong, last })
        {
            var again = node.Submit(first.Again());
            await again.Answer;
            again.Text.ShouldBe(first.Text);
            if (first.Refusal is { } refusal)
                again.Refusal.ShouldBe(refusal);
        }

        spending.Refusal!.Detail.ShouldBe("not_enough_gold");
        (await node.Json(A)).ShouldBe("""{"n":3}""");
        (await node.Json(B)).ShouldBe("""{"n":1}""");
    });

    [Theory]
    [InlineData(Restart.CrashAfterCheckpoint)]
    [InlineData(Restart.Stop)]
    public void A_refusal_alone_is_remembered_by_the_checkpoint(Restart restart) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "gold", 1));
        var refused = node.Submit(Make.Intent(A, "spend", """{"amount":5}""").By(1, 1, fingerprint: 42));
        await refused.Answer;
        node = await Restarted(world, node, restart);
        await node.Do(Make.Set(A, "gold", 100));
        var again = node.Submit(refused.Again());
        await again.Answer;
        again.Refusal.ShouldBe(refused.Refusal);
    });

    [Theory]
    [InlineData(Restart.None)]
    [InlineData(Restart.Crash)]
    [InlineData(Restart.CrashAfterCheckpoint)]
    public void What_the_writer_has_received_is_forgotten_and_never_done_again(Restart restart) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        for (var request = 1; request <= 5; request++)
            await node.Submit(Make.Add(A, "n", 1).By(1, request, received: request / 2)).Answer;
        node = await Restarted(world, node, restart);
        (await node.Submit(Make.Add(A, "n", 1).By(1, 2)).Answer)!.Code.ShouldBe(RefusalCode.RequestForgotten);
        var kept = node.Submit(Make.Add(A, "n", 1).By(1, 3));
        await kept.Answer;
        kept.Text.ShouldBe("3");
        (await node.Json(A)).ShouldBe("""{"n":5}""");
    });

    [Fact]
    public void Another_request_under_a_used_number_is_refused() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Submit(Make.Add(A, "n", 1).By(1, 1, fingerprint: 10)).Answer;
        (await node.Submit(Make.Add(A, "n", 2).By(1, 1, fingerprint: 11)).Answer)!.Code.ShouldBe(RefusalCode.RequestReused);
        (await node.Submit(new TestUnit(Make.Add(A, "n", 2), Make.Add(B, "n", 2)).By(1, 1, fingerprint: 10)).Answer)!.Code.ShouldBe(RefusalCode.RequestReused);
        (await node.Json(A)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_repeat_while_the_first_is_under_way_gets_its_outcome_and_not_a_second_one() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var load = node.Faults.StallNext(StoreOperation.ReadEntities);
        var first = node.Submit(Make.Add(A, "n", 1).By(1, 1));
        var repeat = node.Submit(first.Again());
        await load.Reached;
        load.Release();
        await repeat.Answer;
        (first.Text, repeat.Text).ShouldBe(("1", "1"));
    });

    [Fact]
    public void A_full_table_refuses_new_writers_and_forgets_nobody() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxWritersPerShard = 2 });
        await node.Submit(Make.Add(A, "n", 1).By(1, 1)).Answer;
        await node.Submit(Make.Add(A, "n", 1).By(2, 1)).Answer;
        var refused = node.Submit(Make.Add(A, "n", 1).By(3, 1));
        (await refused.Answer)!.Code.ShouldBe(RefusalCode.Overloaded);
        refused.Refusal!.IsTransient.ShouldBeTrue();
        (await node.Submit(Make.Add(World.KeyIn(1), "n", 1).By(3, 1)).Answer).ShouldBeNull("another shard has room");
        (await Repeat(1)).ShouldBe("1");
        (await Repeat(2)).ShouldBe("2");

        world.Pass(700);
        (await node.Submit(Make.Add(A, "n", 1).By(3, 1)).Answer).ShouldBeNull("the others were idle for ten minutes");

        async Task<string> Repeat(int writer)
        {
            var repeat = node.Submit(Make.Add(A, "n", 1).By(writer, 1));
            await repeat.Answer;
            return repeat.Text;
        }
    });

    [Fact]
    public void A_writer_with_too_many_open_outcomes_waits_and_loses_none() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxOutcomesPerWriter = 3 });
        for (var request = 1; request <= 3; request++)
            await node.Submit(Make.Add(A, "n", 1).By(1, request)).Answer;
        (await node.Submit(Make.Add(A, "n", 1).By(1, 4)).Answer)!.Code.ShouldBe(RefusalCode.Overloaded);
        var repeat = node.Submit(Make.Add(A, "n", 1).By(1, 1));
        await repeat.Answer;
        repeat.Text.ShouldBe("1");
        (await node.Submit(Make.Add(A, "n", 1).By(1, 4, received: 1)).Answer).ShouldBeNull();
    });

    [Fact]
    public void The_oldest_request_without_an_outcome_is_carried_out_however_many_outcomes_wait_behind_it() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxOutcomesPerWriter = 3 });
        for (var request = 3; request <= 5; request++)
            await node.Submit(Make.Add(A, "n", 1).By(1, request, received: 1)).Answer;
        (await node.Submit(Make.Add(A, "n", 1).By(1, 6, received: 1)).Answer)!.Code.ShouldBe(RefusalCode.Overloaded);
        (await node.Submit(Make.Add(A, "n", 1).By(1, 2, received: 1)).Answer).ShouldBeNull();
        (await node.Submit(Make.Add(A, "n", 1).By(1, 6, received: 5)).Answer).ShouldBeNull();
    });

    [Fact]
    public void A_writer_is_remembered_for_ten_minutes_after_its_last_request() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Submit(Make.Add(A, "n", 1).By(1, 1)).Answer;
        world.Pass(590);
        var repeat = node.Submit(Make.Add(A, "n", 1).By(1, 1));
        await repeat.Answer;
        repeat.Text.ShouldBe("1");
        world.Pass(720);
        var late = node.Submit(Make.Add(A, "n", 1).By(1, 1));
        await late.Answer;
        late.Text.ShouldBe("2");
    });

    [Fact]
    public void A_request_whose_commit_failed_can_be_sent_again() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1));
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        var failed = node.Submit(Make.Add(A, "n", 1).By(1, 1));
        (await failed.Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
        var again = node.Submit(failed.Again());
        await again.Answer;
        again.Text.ShouldBe("2");
    });

    [Fact]
    public void A_refusal_that_looked_at_a_change_whose_commit_failed_is_forgotten_with_it() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1));
        await node.Do(Make.Add(B, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.Add(B, "n", 1));
        await stall.Reached;

        // Both would succeed on the state that remains; one looks at another shard than its own.
        var far = node.Submit(new TestUnit(Make.Add(A, "n", 1), Make.Add(B, "n", 1).At(1)).By(1, 1));
        var near = node.Submit(Make.Add(B, "n", 1).At(1).By(1, 2));
        stall.Fail(new StoreException("broken", WriteOutcome.NotApplied, isTransient: false));
        await near.Answer;
        (far.Text, near.Text).ShouldBe(("Unavailable", "Unavailable"));

        var again = node.Submit(far.Again());
        await again.Answer;
        again.Text.ShouldBe("2,2");
        again = node.Submit(near.Again());
        await again.Answer;
        again.Text.ShouldBe("VersionMismatch", "it is the first to be answered now");
    });

    [Fact]
    public void Outcomes_whose_commit_is_under_way_are_not_checkpointed() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Add(A, "n", 1));
        var checkpoint = node.Faults.StallNext(StoreOperation.WriteCheckpoint);
        world.Pass(1.2);
        await checkpoint.Reached;
        var append = node.Faults.StallNext(StoreOperation.Append);
        var lost = node.Submit(Make.Add(A, "n", 1).By(1, 1));
        await append.Reached;
        checkpoint.Release();
        world.Settle();
        world.StateOf(0).CheckpointSequence.ShouldBe(2);
        node.Crash();

        node = await world.StartAsync();
        var again = node.Submit(lost.Again());
        await again.Answer;
        again.Text.ShouldBe("2");
        (await node.Json(A)).ShouldBe("""{"n":2}""");
    });

    [Fact]
    public void Outcomes_of_a_commit_that_failed_are_not_checkpointed() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var other = World.KeyIn(0, 1);
        await node.Do(Make.Add(A, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        node.Submit(Make.Add(World.KeyIn(0, 2), "n", 1));
        await stall.Reached;
        var failed = node.Submit(Make.Add(other, "n", 1).By(1, 1));
        world.Pass(1.5);
        stall.Fail(new StoreException("broken", WriteOutcome.NotApplied, isTransient: false));
        (await failed.Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
        world.Pass(5);
        node.Crash();

        node = await world.StartAsync();
        var again = node.Submit(failed.Again());
        await again.Answer;
        again.Text.ShouldBe("1");
        (await node.Json(other)).ShouldBe("""{"n":1}""");
    });

    private static async Task<Node> Restarted(World world, Node node, Restart restart)
    {
        if (restart == Restart.None)
            return node;
        if (restart == Restart.CrashAfterCheckpoint)
            node.Checkpoint();
        if (restart == Restart.Stop)
            await node.StopAsync();
        else
            node.Crash();
        return await world.StartAsync();
    }
}
