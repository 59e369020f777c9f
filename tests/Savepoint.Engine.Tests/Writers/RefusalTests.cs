namespace Savepoint.Engine.Tests;

/// <summary>I4: who was told "refused" is told so for ever, also over crashes.</summary>
public sealed class RefusalTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    public enum Restart
    {
        Crash,
        CrashAfterCheckpoint,
        Stop,
    }

    [Theory]
    [InlineData(Restart.Crash)]
    [InlineData(Restart.CrashAfterCheckpoint)]
    [InlineData(Restart.Stop)]
    public void A_refusal_alone_is_remembered(Restart restart) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "gold", 1));
        var one = node.Submit(Make.Intent(A, "spend", """{"amount":5}""").By(1, 1, fingerprint: 42));
        var other = node.Submit(new TestUnit(Make.Add(A, "n", 1), Make.Set(B, "n", 1).At(7)).By(2, 9, received: 3));
        await one.Answer;
        await other.Answer;
        if (restart == Restart.CrashAfterCheckpoint)
            node.Checkpoint();
        if (restart == Restart.Stop)
            await node.StopAsync();
        else
            node.Crash();

        node = await world.StartAsync();
        await node.Do(Make.Set(A, "gold", 100));
        for (var i = 0; i < 7; i++)
            await node.Do(Make.Set(B, "n", i));
        foreach (var first in new[] { one, other })
        {
            var again = node.Submit(first.Again());
            await again.Answer;
            again.Refusal.ShouldBe(first.Refusal);
        }

        (await node.Submit(Make.Add(A, "n", 1).By(2, 3)).Answer)!.Code.ShouldBe(RefusalCode.RequestForgotten);
        (await node.Json(A)).ShouldBe("""{"gold":100}""");
    });

    [Fact]
    public void A_refusal_waits_until_it_is_journaled_and_so_does_its_repeat() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var refused = node.Submit(Make.Set(A, "n", 2).At(7).By(1, 1));
        var repeat = node.Submit(refused.Again());
        var plain = node.Submit(Make.Set(A, "n", 2).At(7));
        plain.Text.ShouldBe("VersionMismatch", "it has no number, and what it looked at is durable");
        await stall.Reached;
        world.Settle();
        (refused.Text, repeat.Text).ShouldBe(("pending", "pending"));
        stall.Release();
        await repeat.Answer;
        (refused.Text, repeat.Text).ShouldBe(("VersionMismatch", "VersionMismatch"));
        node.Submit(refused.Again()).Text.ShouldBe("VersionMismatch", "it is durable now");
    });

    [Fact]
    public void A_transient_refusal_is_not_remembered_and_journals_nothing() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        var appends = node.Crashes.Appends;
        node.Faults.FailNext(StoreOperation.ReadEntities, isTransient: false);
        var refused = node.Submit(Make.Set(B, "n", 1).By(1, 1));
        await refused.Answer;
        refused.Text.ShouldBe("Unavailable");
        node.Crashes.Appends.ShouldBe(appends);
        var again = node.Submit(refused.Again());
        await again.Answer;
        again.Text.ShouldBe("1");
    });

    [Fact]
    public void A_refusal_whose_commit_fails_is_forgotten() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        var refused = node.Submit(Make.Set(A, "n", 2).At(2).By(1, 1));
        await refused.Answer;
        refused.Text.ShouldBe("Unavailable");
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        await node.Do(Make.Set(A, "n", 1));
        var again = node.Submit(refused.Again());
        await again.Answer;
        again.Text.ShouldBe("3");
    });

    [Fact]
    public void A_flood_of_refusals_is_bounded_as_changes_are() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxQueuedUnits = 5 });
        await node.Do(Make.Set(A, "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        for (var request = 1; request <= 5; request++)
            node.Submit(Make.Set(A, "n", 2).At(7).By(1, request)).IsAnswered.ShouldBeFalse();
        node.Engine.Snapshot().QueuedBytes.ShouldBeGreaterThan(100);
        node.Submit(Make.Set(A, "n", 2).At(7).By(1, 6)).Text.ShouldBe("Overloaded");
        stall.Release();
        world.Settle();
        node.Submit(Make.Set(A, "n", 2).At(7).By(1, 5)).Text.ShouldBe("VersionMismatch");
        var snapshot = node.Engine.Snapshot();
        (snapshot.QueuedUnits, snapshot.QueuedBytes).ShouldBe((0, 0));
    });

    [Fact]
    public void Refusals_alone_are_checkpointed_published_past_and_trimmed() => World.Run(async world =>
    {
        var publisher = new MemoryPublisher();
        var node = await world.StartAsync(World.Options with { JournalRetention = TimeSpan.FromMinutes(5) }, publisher);
        await node.Do(Make.Set(A, "n", 1));
        node.Checkpoint();
        for (var request = 1; request <= 3; request++)
            await node.Submit(Make.Set(A, "n", 2).At(7).By(1, request)).Answer;
        node.Engine.Snapshot().UncheckpointedRecords.ShouldBe(3);
        node.Checkpoint();
        var snapshot = node.Engine.Snapshot();
        (snapshot.UncheckpointedRecords, snapshot.UnpublishedRecords).ShouldBe((0, 0));
        world.StateOf(0).CheckpointSequence.ShouldBe(world.Journal(0)[^1].LastSequence);
        publisher.Versions(A).ShouldBe([1]);
        (await node.Do(Make.Set(A, "n", 2))).ShouldBe(2);
        world.Settle();
        publisher.Versions(A).ShouldBe([1, 2]);
        (await node.Json(A, 1)).ShouldBe("""{"n":1}""", "history passes over them");
        world.Pass(1_000);
        world.Journal(0).Count.ShouldBe(1);
    });

    [Fact]
    public void A_checkpoint_never_passes_refusals_whose_commit_is_under_way() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        node.Checkpoint();
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var refused = node.Submit(Make.Set(A, "n", 2).At(7).By(1, 1));
        await stall.Reached;
        world.Pass(3);
        world.StateOf(0).CheckpointSequence.ShouldBe(2);
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        var again = node.Submit(Make.Set(A, "n", 2).By(1, 1));
        await again.Answer;
        again.Text.ShouldBe("2", "nobody was told of the refusal");
    });
}
