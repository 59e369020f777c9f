using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>P16: hooks, and what becomes of those who wait when one throws.</summary>
public sealed class HookTests
{
    private static readonly EntityKey A = Game.A;
    private static readonly EntityKey B = Game.B;
    private static readonly EntityKey C = Game.C;

    [Fact]
    public void A_created_hook_adds_to_the_first_version_of_whatever_makes_the_entity() => World.Run(async world =>
    {
        var hook = new Blessing();
        var node = await world.StartAsync(kinds: Game.With(hook));
        (await node.Do(Make.Set(A, "n", 1))).ShouldBe(1);
        (await node.Open(B, 1, template: """{"n":2}""").Opened).Created.ShouldBeTrue();
        (await node.Json(A), await node.Json(B)).ShouldBe(("""{"blessing":7,"n":1}""", """{"blessing":7,"n":2}"""));
        (await node.Json(A, 1)).ShouldBe("""{"blessing":7,"n":1}""");
        hook.Runs.ShouldBe(2);
    });

    [Fact]
    public void A_loaded_hook_changes_what_comes_into_memory_by_a_record_of_its_own_and_makes_none_where_it_changes_nothing() => World.Run(async world =>
    {
        await Store(world, A);
        var hook = new Blessing();
        var node = await world.StartAsync(kinds: Game.With(hook));
        (await node.Json(A)).ShouldBe("""{"blessing":7,"n":1}""");
        (await node.ListAll(new Listing { Key = A }))[0].ShouldSatisfyAllConditions(
            version => version.Version.ShouldBe(2), version => version.EventType.ShouldBe("hook:loaded"), version => version.Actor.ShouldBe("system"));
        await node.StopAsync();
        node = await world.StartAsync(kinds: Game.With(hook));
        (await node.Do(Make.Set(A, "n", 2))).ShouldBe(3);
        hook.Runs.ShouldBe(2);
    });

    [Theory]
    [InlineData("unit")]
    [InlineData("numbered unit")]
    [InlineData("unit over shards")]
    [InlineData("reading")]
    [InlineData("listing")]
    [InlineData("watcher")]
    [InlineData("opening")]
    [InlineData("rollback")]
    public void Whoever_waits_for_an_entity_whose_hook_throws_is_refused_and_the_next_request_runs_it_again(string who) => World.Run(async world =>
    {
        await Store(world, A);
        var before = world.Stored(A)!;
        var hook = new Blessing { Fails = true };
        var node = await world.StartAsync(kinds: Game.With(hook));
        var failed = await RefusalOf(node, who, request: 1);
        (failed!.Code, failed.Detail, failed.Key).ShouldBe((RefusalCode.HookFailed, "Blessing: InvalidOperationException", A));
        (hook.Runs, node.Engine.Snapshot().ResidentEntities, node.Engine.Snapshot().FailedHooks).ShouldBe((1, who == "unit over shards" ? 1 : 0, 1));
        node.Checkpoint();
        world.Stored(A)!.ShouldSatisfyAllConditions(
            stored => stored.Version.ShouldBe(before.Version), stored => stored.Document!.Value.ToArray().ShouldBe(before.Document!.Value.ToArray()));

        hook.Fails = false;
        (await RefusalOf(node, who, request: 2)).ShouldBeNull();
        (await node.Json(A)).ShouldContain("\"blessing\":7");
    });

    [Fact]
    public void All_who_wait_are_refused_by_one_run_of_the_hook() => World.Run(async world =>
    {
        await Store(world, A);
        var hook = new Blessing { Fails = true };
        var node = await world.StartAsync(kinds: Game.With(hook));
        var read = node.Faults.StallNext(StoreOperation.ReadEntities);
        var (unit, reading, watcher, holder) = (node.Submit(Make.Set(A, "n", 2)), node.Read(A), node.Watch(A), node.Open(A, 1));
        await read.Reached;
        read.Release();
        await unit.Answer;
        world.Settle();
        (unit.Text, reading.Text, watcher.Log[0], holder.Text).ShouldBe(("HookFailed", "HookFailed", "refused HookFailed", "HookFailed"));
        hook.Runs.ShouldBe(1);
    });

    [Fact]
    public void The_refusal_of_a_numbered_request_is_remembered_also_after_a_crash() => World.Run(async world =>
    {
        await Store(world, A);
        var hook = new Blessing { Fails = true };
        var node = await world.StartAsync(kinds: Game.With(hook));
        var unit = node.Submit(Make.Set(A, "n", 2).By(1, 1));
        (await unit.Answer)!.Code.ShouldBe(RefusalCode.HookFailed);
        hook.Fails = false;
        (await node.Submit(unit.Again()).Answer)!.Code.ShouldBe(RefusalCode.HookFailed);
        node.Crash();
        node = await world.StartAsync(kinds: Game.With(hook));
        (await node.Submit(unit.Again()).Answer)!.Code.ShouldBe(RefusalCode.HookFailed);
        (await node.Json(A)).ShouldBe("""{"blessing":7,"n":1}""");
    });

    [Fact]
    public void The_refusal_of_a_numbered_request_waits_until_it_is_journaled() => World.Run(async world =>
    {
        await Store(world, A);
        var node = await world.StartAsync(kinds: Game.With(new Blessing { Fails = true }));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var unit = node.Submit(Make.Set(A, "n", 2).By(1, 1));
        await stall.Reached;
        world.Settle();
        unit.Text.ShouldBe("pending");
        stall.Release();
        (await unit.Answer)!.Code.ShouldBe(RefusalCode.HookFailed);
    });

    [Fact]
    public void A_unit_over_two_databases_is_refused_whole_and_for_good() => World.Run(async world =>
    {
        world.UseTwoDatabases();
        await Store(world, C);
        var hook = new Blessing { Fails = true };
        var node = await world.StartAsync(kinds: Game.With(new Blessing { Write = _ => { } }, new Failing(hook)));
        var unit = node.Submit(new TestUnit(Make.Set(A, "n", 5), Make.Set(C, "n", 5)).By(1, 1));
        var refusal = await unit.Answer;
        (refusal!.Code, refusal.Mutation, refusal.Key).ShouldBe((RefusalCode.HookFailed, 1, C));
        hook.Fails = false;
        (await node.Submit(unit.Again()).Answer)!.Code.ShouldBe(RefusalCode.HookFailed);
        (await node.Json(A), await node.Json(C)).ShouldBe(("none", """{"blessing":7,"n":1}"""));
        await node.Do(Make.Set(A, "n", 6), Make.Set(C, "n", 6));
    });

    [Fact]
    public void What_recovery_holds_in_memory_is_refused_and_checkpointed_as_it_is() => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Game.First);
        await node.Do(Make.Set(A, "n", 1));
        node.Crash();
        var hook = new Blessing { Fails = true };
        node = await world.StartAsync(kinds: Game.With(hook));
        (await node.Json(A), await node.Code(Make.Set(A, "n", 2))).ShouldBe(("HookFailed", RefusalCode.HookFailed));
        node.Checkpoint();
        (world.Stored(A)!.Version, world.StateOf(0).CheckpointSequence).ShouldBe((1, 3));
        hook.Fails = false;
        (await node.Do(Make.Set(A, "n", 2))).ShouldBe(3);
    });

    [Fact]
    public void What_a_failed_commit_has_dropped_gets_into_its_checkpoint_although_its_hook_throws() => World.Run(async world =>
    {
        var hook = new Blessing { Write = _ => { } };
        var node = await world.StartAsync(kinds: Game.With(new Failing(hook)));
        await node.Do(Make.Set(A, "n", 1));
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Code(Make.Set(A, "n", 2))).ShouldBe(RefusalCode.Unavailable);
        hook.Fails = true;
        (await node.Json(A)).ShouldBe("HookFailed");
        node.Engine.Snapshot().ResidentEntities.ShouldBe(1);
        node.Checkpoint();
        node.Checkpoint();
        world.Stored(A)!.Version.ShouldBe(1);
        hook.Fails = false;
        (await node.Json(A)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_created_hook_that_throws_refuses_what_would_have_made_the_entity() => World.Run(async world =>
    {
        var hook = new Blessing { Fails = true };
        var node = await world.StartAsync(kinds: Game.With(hook));
        var refusal = await node.Try(Make.Set(B, "n", 1), Make.Set(A, "n", 1));
        (refusal!.Code, refusal.Detail, refusal.Key).ShouldBe((RefusalCode.HookFailed, "Blessing: InvalidOperationException", B));
        (await node.Open(A, 1).Opened).Refusal!.Code.ShouldBe(RefusalCode.HookFailed);
        (await node.Json(A), await node.Json(B)).ShouldBe(("none", "none"));
        hook.Fails = false;
        (await node.Do(Make.Set(A, "n", 1))).ShouldBe(1);
    });

    [Fact]
    public void A_hook_that_writes_what_no_document_may_hold_fails_the_load_and_names_the_path() => World.Run(async world =>
    {
        await Store(world, A);
        foreach (var (write, detail) in new (Action<HookContext>, string)[]
        {
            (context => context.Delta.Increment("n.deeper", 1), "Blessing: document.wrong_type at 'n.deeper'"),
            (context => context.Delta.Set("$template", 4), "Blessing: document.reserved at '$template'"),
            (context => context.Delta.Set("a", double.NaN), "Blessing: document.not_finite"),
        })
        {
            var node = await world.StartAsync(kinds: Game.With(new Blessing { Write = write }));
            (await node.Try(Make.Set(A, "n", 2)))!.Detail.ShouldBe(detail);
            await node.StopAsync();
        }
    });

    [Theory]
    [InlineData(true, """{"n":1,"seen":true}""", 2)]
    [InlineData(false, """{"n":1}""", 1)]
    public void What_a_hook_does_to_the_document_it_is_shown_changes_nothing(bool writes, string text, long version) => World.Run(async world =>
    {
        await Store(world, A);
        var hook = new Blessing
        {
            Write = context =>
            {
                var stolen = new DeltaWriter();
                stolen.Set("stolen", 1);
                Delta.Apply(context.Document, stolen.WrittenSpan, DocumentLimits.Default);
                if (writes)
                    context.Delta.Set("seen", true);
            },
        };
        var node = await world.StartAsync(kinds: Game.With(new Failing(hook)));
        (await node.Json(A)).ShouldBe(text);
        (await node.Do(Make.Set(A, "m", 1).At(version))).ShouldBe(version + 1);
        (await node.Json(A)).ShouldNotContain("stolen");
    });

    [Fact]
    public void No_refusal_tells_of_an_entity_whose_making_is_not_durable() => World.Run(async world =>
    {
        await Store(world, A);
        var hook = new Blessing { Write = _ => { } };
        var node = await world.StartAsync(kinds: Game.With(new Failing(hook)));
        (await node.Do(Make.Remove(A))).ShouldBe(2);
        var making = node.Faults.StallNext(StoreOperation.Append);

        // What was brought back is looked at by hooks once more, and they fail from now on.
        hook.Fails = true;
        hook.FailsFrom = hook.Runs + 2;
        var unit = node.Submit(Make.Restore(A, 1));
        await making.Reached;
        var (watcher, holder, other, numbered) = (node.Watch(A), node.Open(A, 1), node.Submit(Make.Set(A, "n", 2)), node.Submit(Make.Set(A, "n", 2).By(1, 1)));
        world.Settle();
        (unit.Text, watcher.HasStarted, holder.Text, other.Text, numbered.Text).ShouldBe(("pending", false, "pending", "pending", "pending"));
        making.Release();
        (await unit.Answer).ShouldBeNull();
        world.Settle();
        (watcher.Log[0], holder.Text, other.Text, numbered.Text).ShouldBe(("refused HookFailed", "HookFailed", "HookFailed", "HookFailed"));
    });

    [Fact]
    public void A_loaded_hook_leaves_alone_what_has_just_been_made_whichever_unit_made_it() => World.Run(async world =>
    {
        world.UseTwoDatabases();
        var node = await world.StartAsync(kinds: Game.With(new Failing(new Blessing())));
        (await node.Do(Make.Set(B, "n", 1))).ShouldBe(1);
        (await node.Do(Make.Set(B, "n", 2).At(1))).ShouldBe(2);
        var unit = node.Submit(Make.Set(A, "n", 1), Make.Set(C, "n", 1));
        (await unit.Answer).ShouldBeNull();
        unit.Versions.ShouldBe([1, 1]);
        world.Settle();
        (await node.Do(Make.Set(A, "n", 2).At(1))).ShouldBe(2);
        (await node.Do(Make.Set(C, "n", 2).At(1))).ShouldBe(2);
    });

    [Fact]
    public void An_unloading_hook_is_told_when_an_entity_is_idle_handed_over_or_the_engine_stops() => World.Run(async world =>
    {
        var hook = new Farewells();
        var kinds = Game.With(hook);
        var node = await world.StartAsync(kinds: kinds);
        await node.Do(Make.Set(A, "n", 1));
        node.Checkpoint();
        world.Pass(World.Options.UnloadAfter.TotalSeconds + 1);
        hook.Log.ShouldBe([$$"""{{A.Id}} Idle 1 {"n":1}"""]);
        await node.Do(Make.Set(A, "n", 2));
        await node.Do(Make.Set(B, "n", 1));
        await node.Release(0);
        hook.Log.Skip(1).ShouldBe([$$"""{{A.Id}} HandedOver 2 {"n":2}"""]);
        await node.StopAsync();
        hook.Log.Skip(2).ShouldBe([$$"""{{B.Id}} Stopped 1 {"n":1}"""]);
    });

    [Fact]
    public void What_an_unloading_hook_throws_is_counted_and_does_no_harm() => World.Run(async world =>
    {
        var node = await world.StartAsync(kinds: Game.With(new Farewells { Fails = true }));
        await node.Do(Make.Set(A, "n", 1));
        node.Checkpoint();
        world.Pass(World.Options.UnloadAfter.TotalSeconds + 1);
        (node.Engine.Snapshot().ResidentEntities, node.Engine.Snapshot().FailedHooks).ShouldBe((0, 1));
        (await node.Json(A)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void What_a_failed_commit_takes_back_is_unloaded_as_lost_without_the_state_that_never_was() => World.Run(async world =>
    {
        var hook = new Farewells();
        var node = await world.StartAsync(kinds: Game.With(hook));
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Code(Make.Set(A, "n", 1))).ShouldBe(RefusalCode.Unavailable);
        hook.Log.ShouldBe([$"{A.Id} Lost 0 none"]);
    });

    private static async Task<Refusal?> RefusalOf(Node node, string who, long request)
    {
        switch (who)
        {
            case "unit":
                return await node.Try(Make.Set(A, "n", 2));
            case "numbered unit":
                return await node.Submit(Make.Set(A, "n", 2).By(1, request)).Answer;
            case "unit over shards":
                return await node.Try(Make.Set(new EntityKey("hero", B.Id), "n", 2), Make.Set(A, "n", 2));
            case "reading":
                var reading = node.Read(A);
                await reading.Answer;
                return reading.Refusal;
            case "listing":
                var listing = node.List(new Listing { Key = A });
                await listing.Page;
                return listing.Refusal;
            case "watcher":
                var watcher = node.Watch(A);
                node.World.Settle();
                watcher.HasStarted.ShouldBeTrue();
                return watcher.Refusal is { } refused ? refused with { Key = A } : null;
            case "opening":
                return (await node.Open(A, 1, request).Opened).Refusal;
            default:
                return await node.Try(Make.Restore(A, 1));
        }
    }

    private static async Task Store(World world, EntityKey key)
    {
        var node = await world.StartAsync(kinds: Game.First);
        await node.Do(Make.Set(key, "n", 1));
        await node.StopAsync();
    }

    /// <summary>A loaded hook alone.</summary>
    private sealed class Failing(Blessing hook) : ILoadedHook
    {
        public void OnLoaded(HookContext context) => hook.OnLoaded(context);
    }
}
