using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>P18: an old version is brought back as a new one, exactly once, with the same bytes.</summary>
public sealed class RollbackTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);
    private static readonly EntityKey Body = World.KeyIn(0, kind: "body");

    [Fact]
    public void A_rollback_makes_the_next_version_with_the_bytes_of_the_old_one() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        await node.Do(Make.Delta(A, delta => delta.Set("bag.sword", 5)));
        await node.Do(Make.Delta(A, delta =>
        {
            delta.Remove("n");
            delta.Set("bag.shield", 2);
            delta.Set("title", "knight");
        }));
        (await node.Do(Make.Restore(A, 2))).ShouldBe(4);
        (await node.Json(A)).ShouldBe("""{"bag":{"sword":5},"n":1}""");
        (await Bytes(node, A, 4)).ShouldBe(await Bytes(node, A, 2));
        (await node.Do(Make.Restore(A, 3))).ShouldBe(5);
        (await node.Json(A)).ShouldBe("""{"bag":{"shield":2,"sword":5},"title":"knight"}""");
        node.Crash();
        node = await world.StartAsync();
        (await Bytes(node, A, 5)).ShouldBe(await Bytes(node, A, 3));
    });

    [Fact]
    public void The_history_says_that_it_was_a_rollback_to_which_version_by_whom_and_why() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(A, "n", 2));
        (await node.Submit(new TestUnit(Make.Restore(A, 1)) { Actor = "server:support", Reason = "ticket:9" }).Answer).ShouldBeNull();
        var versions = await node.ListAll(new Listing { Key = A });
        var rollback = versions[0];
        (rollback.RestoredVersion, rollback.EventType, rollback.Actor, rollback.Reason).ShouldBe((1, "rollback:1", "server:support", "ticket:9"));
        versions[1].RestoredVersion.ShouldBeNull();
    });

    [Fact]
    public void A_rollback_to_a_removal_removes_the_entity() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Remove(A));
        (await node.Code(Make.Restore(A, 2))).ShouldBe(RefusalCode.NotFound);
        await node.Do(Make.Set(A, "n", 3));
        await node.Do(Make.Message(A));
        (await node.Do(Make.Restore(A, 2))).ShouldBe(4);
        (await node.Json(A)).ShouldBe("none");
        (await node.ListAll(new Listing { Key = A }))[0].ShouldSatisfyAllConditions(
            version => version.IsRemoval.ShouldBeTrue(),
            version => version.RestoredVersion.ShouldBe(2));
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A)).ShouldBe("none");
    });

    [Fact]
    public void A_removed_entity_comes_back_with_a_rollback_to_a_version_before_and_goes_on_counting() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Remove(A));
        (await node.Do(Make.Restore(A, 1).At(0))).ShouldBe(3);
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        (await node.Json(A, 2)).ShouldBe("none");
        node.Crash();
        node = await world.StartAsync();
        (await node.Json(A, 3)).ShouldBe("""{"n":1}""");
        (await node.Do(Make.Add(A, "n", 1))).ShouldBe(4);
    });

    [Fact]
    public void A_rollback_to_the_present_version_changes_nothing_and_is_a_version() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        (await node.Do(Make.Restore(A, 1))).ShouldBe(2);
        (await node.Json(A, 2)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void What_is_not_there_to_go_back_to_is_refused() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        (await node.Code(Make.Restore(A, 2))).ShouldBe(RefusalCode.VersionNotFound);
        (await node.Code(Make.Restore(A, 0))).ShouldBe(RefusalCode.InvalidRequest);
        (await node.Code(Make.Restore(World.Thing("never"), 1))).ShouldBe(RefusalCode.VersionNotFound);
        (await node.Code(Make.Restore(A, 1).At(7))).ShouldBe(RefusalCode.VersionMismatch);
        (await node.Do(Make.Set(A, "n", 2))).ShouldBe(2);
    });

    [Fact]
    public void A_session_lets_only_its_holder_roll_back() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(A, "n", 2));
        var holder = node.Open(A, 1);
        await holder.Opened;
        (await node.Code(Make.Restore(A, 1))).ShouldBe(RefusalCode.SessionRequired);
        (await node.Submit(Make.Restore(A, 1).Under(holder.Session).By(1, 2)).Answer).ShouldBeNull();

        var support = node.Open(A, 2, policy: SessionConflictPolicy.Steal);
        await support.Opened;
        (await node.Submit(Make.Restore(A, 2).Under(holder.Session).By(1, 3)).Answer)!.Code.ShouldBe(RefusalCode.SessionLost);
        (await node.Submit(Make.Restore(A, 2).Under(support.Session).By(2, 2)).Answer).ShouldBeNull();
        (await node.Json(A)).ShouldBe("""{"n":2}""");
    });

    [Fact]
    public void Watchers_get_a_rollback_like_any_change() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(A, "m", 2));
        var watcher = node.Watch(A);
        world.Settle();
        await node.Do(Make.Restore(A, 1));
        await node.Do(Make.Remove(A));
        await node.Do(Make.Restore(A, 2));
        world.Settle();
        watcher.Mirror.Version.ShouldBe(5);
        watcher.Mirror.Text.ShouldBe("""{"m":2,"n":1}""");
    });

    [Fact]
    public void The_same_request_again_finds_its_outcome_although_the_version_has_gone() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { JournalRetention = TimeSpan.FromMinutes(5), SnapshotRetention = TimeSpan.FromMinutes(5) });
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(A, "n", 2));
        var rollback = node.Submit(Make.Restore(A, 1).By(1, 1));
        (await rollback.Answer).ShouldBeNull();
        var refused = node.Submit(Make.Restore(A, 9).By(1, 2));
        (await refused.Answer)!.Code.ShouldBe(RefusalCode.VersionNotFound);
        for (var i = 0; i < 8; i++)
        {
            world.Pass(60);
            await node.Do(Make.Set(A, "n", 4 + i));
        }

        (await node.Json(A, 1)).ShouldBe("VersionNotFound");
        node.Crash();
        node = await world.StartAsync();
        var again = node.Submit(rollback.Again());
        (await again.Answer).ShouldBeNull();
        again.Version.ShouldBe(rollback.Version);
        (await node.Submit(refused.Again()).Answer)!.Code.ShouldBe(RefusalCode.VersionNotFound);
        (await node.Json(A)).ShouldBe("""{"n":11}""");
    });

    [Fact]
    public void Two_copies_of_a_request_that_read_at_once_roll_back_once() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        for (var i = 1; i <= 3; i++)
            await node.Do(Make.Set(A, "n", i));
        var stall = node.Faults.StallNext(StoreOperation.ReadSnapshot);
        var first = node.Submit(Make.Restore(A, 1).By(1, 1));
        await stall.Reached;
        var second = node.Submit(first.Again());
        (await second.Answer).ShouldBeNull();
        (await node.Do(Make.Set(A, "n", 9))).ShouldBe(5);
        stall.Release();
        (await first.Answer).ShouldBeNull();
        (first.Version, second.Version).ShouldBe((4, 4));
        (await node.Json(A)).ShouldBe("""{"n":9}""");
    });

    [Fact]
    public void A_rollback_builds_on_what_is_there_when_it_is_carried_out() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        for (var i = 1; i <= 3; i++)
            await node.Do(Make.Set(A, "n", i));
        var stall = node.Faults.StallNext(StoreOperation.ReadSnapshot);
        var rollback = node.Submit(Make.Restore(A, 1));
        await stall.Reached;
        await node.Do(Make.Set(A, "late", "yes"));
        stall.Release();
        (await rollback.Answer).ShouldBeNull();
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        (await node.Json(A, 4)).ShouldBe("""{"late":"yes","n":3}""");
    });

    [Fact]
    public void A_version_that_a_crash_may_still_take_back_is_not_gone_back_to_before_it_is_durable() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { CommitRetry = TimeSpan.FromSeconds(0.2) });
        await node.Do(Make.Set(A, "n", 1));
        node.Faults.FailNext(StoreOperation.Append, times: 100);
        var change = node.Submit(Make.Set(A, "n", 2));
        var rollback = node.Submit(Make.Restore(A, 2));
        (await change.Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
        (await rollback.Answer)!.Code.ShouldBe(RefusalCode.VersionNotFound);
        (await node.Json(A)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_unit_rolls_back_several_entities_or_none() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        foreach (var key in new[] { A, B })
        {
            await node.Do(Make.Set(key, "n", 1));
            await node.Do(Make.Set(key, "n", 2));
        }

        (await node.Code(Make.Restore(A, 1), Make.Restore(B, 3))).ShouldBe(RefusalCode.VersionNotFound);
        (await node.Json(A)).ShouldBe("""{"n":2}""");
        await node.Do(Make.Restore(A, 1), Make.Restore(B, 1));
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        (await node.Json(B)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_rollback_takes_Deferred_changes_back_too() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(Body, "n", 1));
        await node.Do(Make.Set(Body, "n", 2));
        var watcher = new Screen { Key = Body };
        node.Engine.Watch(watcher);
        world.Settle();
        await node.Do(Make.Set(Body, "mood", "glad"));
        (await node.Json(Body, 2)).ShouldBe("""{"n":2}""");
        (await node.Do(Make.Restore(Body, 2))).ShouldBe(3);
        (await node.Json(Body)).ShouldBe("""{"n":2}""");
        watcher.Text.ShouldBe("""{"n":2}""");
        await node.Do(Make.Set(Body, "mood", "sad"));
        (await node.Do(Make.Restore(Body, 1))).ShouldBe(4);
        world.Pass(5);
        (await node.Json(Body)).ShouldBe("""{"n":1}""");
        watcher.Text.ShouldBe("""{"n":1}""");
        (await node.ListAll(new Listing { Key = Body }))[0].Version.ShouldBe(4);
    });

    [Fact]
    public void A_document_that_present_limits_would_refuse_can_be_brought_back() => World.Run(async world =>
    {
        var deep = World.KeyIn(0, kind: "deep");
        var node = await world.StartAsync();
        await node.Do(Make.Set(deep, string.Join('.', Enumerable.Repeat("a", 30)), 1));
        await node.Do(Make.Delta(deep, delta => delta.Clear(Documents.Path.Root)));
        await node.StopAsync();
        node = await world.StartAsync(kinds: new KindRegistry([new Kind { Name = "deep", Limits = new DocumentLimits { MaxDepth = 4 } }]));
        await node.Do(Make.Restore(deep, 1));
        (await Bytes(node, deep, 3)).ShouldBe(await Bytes(node, deep, 1));
        await node.Do(Make.Remove(deep));
        await node.Do(Make.Restore(deep, 1));
        (await Bytes(node, deep, 5)).ShouldBe(await Bytes(node, deep, 1));
    });

    [Fact]
    public void No_intent_may_be_named_like_a_rollback()
    {
        var intents = new Dictionary<string, IntentHandler> { ["rollback:1"] = _ => null };
        Should.Throw<ArgumentException>(() => new KindRegistry([new Kind { Name = "thing", Intents = intents }]));
    }

    private static async Task<byte[]> Bytes(Node node, EntityKey key, long version)
    {
        var reading = node.Read(key, version);
        await reading.Answer;
        return reading.Snapshot.Document.ShouldNotBeNull();
    }

    /// <summary>A watcher with one document, which shows what any change left of it: versions have to take back what was shown ahead of them.</summary>
    private sealed class Screen : Watcher
    {
        private Document? _shown;

        public string Text => _shown is null ? "none" : DocumentJson.ToText(_shown);

        protected internal override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal) => _shown = Snapshots.Decode(snapshot.Document!);

        protected internal override void OnChange(in EntityChange change) => Delta.Apply(_shown!, change.Delta);

        protected internal override void OnLost() => throw new InvalidOperationException("It was lost.");
    }
}
