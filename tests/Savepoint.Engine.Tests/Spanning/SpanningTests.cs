using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>I3, I4, I5, I6 and I8 of units whose shards several nodes own.</summary>
public sealed class SpanningTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);
    private static readonly EntityKey C = World.KeyIn(2);
    private static readonly EntityKey D = World.KeyIn(3);

    [Fact]
    public void A_unit_over_nodes_takes_effect_whole() => Run(async (_, one, two, three) =>
    {
        var unit = one.Submit(Make.Set(A, "n", 1), Make.Set(B, "n", 2), Make.Set(C, "n", 3), Make.Set(D, "n", 4));

        (await unit.Answer).ShouldBeNull();

        unit.Versions.ShouldBe([1, 1, 1, 1]);
        (await one.Json(A)).ShouldBe("""{"n":1}""");
        (await two.Json(B)).ShouldBe("""{"n":2}""");
        (await three.Json(C)).ShouldBe("""{"n":3}""");
        (await one.Json(D)).ShouldBe("""{"n":4}""");
    });

    [Fact]
    public void What_it_makes_is_there_after_a_restart_of_everyone() => Run(async (world, one, two, three) =>
    {
        await one.Do(Make.Set(A, "n", 1), Make.Set(B, "n", 2), Make.Set(C, "n", 3));
        world.Pass(0.5);
        foreach (var node in new[] { one, two, three })
            node.Crash();

        var next = await world.JoinAsync([0, 1, 2, 3]);

        (await next.Json(A) + await next.Json(B) + await next.Json(C)).ShouldBe("""{"n":1}{"n":2}{"n":3}""");
        (await next.Do(Make.Add(B, "n", 1))).ShouldBe(2);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_refusal_of_any_owner_refuses_all_of_it(int at) => Run(async (world, one, two, three) =>
    {
        EntityKey[] keys = [A, B, C];
        var mutations = keys.Select((key, i) => i == at ? Make.Add(key, "gold", -1, min: 0) : Make.Add(key, "gold", 1)).ToArray();

        var refusal = await one.Try(mutations);

        (refusal!.Code, refusal.Mutation, refusal.Key, refusal.Path).ShouldBe((RefusalCode.Document, at, keys[at], "gold"));
        world.Pass(0.2);
        (await one.Json(A) + await two.Json(B) + await three.Json(C)).ShouldBe("nonenonenone");
        (await two.Do(Make.Set(B, "n", 1))).ShouldBe(1);
    });

    [Fact]
    public void The_refusal_says_which_version_was_expected_and_which_there_is() => Run(async (_, one, two, _) =>
    {
        await two.Do(Make.Set(B, "n", 1));

        var refusal = await one.Try(Make.Set(A, "n", 1), Make.Set(B, "n", 2).At(7));

        (refusal!.Code, refusal.Mutation, refusal.ExpectedVersion, refusal.CurrentVersion).ShouldBe((RefusalCode.VersionMismatch, 1, 7, 1));
    });

    [Fact]
    public void What_has_to_exist_has_to_at_every_owner() => Run(async (world, one, two, _) =>
    {
        (await one.Try(Make.Set(A, "n", 1), Make.Add(B, "n", 1).At(Mutation.AnyVersion)))!.Code.ShouldBe(RefusalCode.NotFound);
        world.Pass(0.2);
        (await one.Json(A) + await two.Json(B)).ShouldBe("nonenone");
        await two.Do(Make.Set(B, "n", 1));
        (await one.Try(Make.Set(A, "n", 1), Make.Add(B, "n", 1).At(Mutation.AnyVersion))).ShouldBeNull();
        (await two.Json(B)).ShouldBe("""{"n":2}""");
    });

    [Fact]
    public void A_request_that_is_sent_again_gets_the_first_outcome() => Run(async (_, one, two, _) =>
    {
        var first = one.Submit(new TestUnit(Make.Add(A, "n", 1), Make.Add(B, "n", 1)).By(1, 1));
        var meanwhile = one.Submit(first.Again());
        await first.Answer;
        await meanwhile.Answer;
        var later = one.Submit(first.Again());
        await later.Answer;

        (first.Text, meanwhile.Text, later.Text).ShouldBe(("1,1", "1,1", "1,1"));
        (await one.Json(A) + await two.Json(B)).ShouldBe("""{"n":1}{"n":1}""");
    });

    [Fact]
    public void So_does_one_that_was_refused() => Run(async (world, one, two, _) =>
    {
        var first = one.Submit(new TestUnit(Make.Add(A, "n", 1), Make.Add(B, "n", -1, min: 0)).By(1, 1));
        await first.Answer;
        await two.Do(Make.Set(B, "n", 5));
        var again = one.Submit(first.Again());
        await again.Answer;
        one.Crash();
        var later = (await world.JoinAsync([0, 3])).Submit(first.Again());
        await later.Answer;

        (first.Text, again.Text, later.Text).ShouldBe(("Document", "Document", "Document"));
    });

    [Fact]
    public void The_outcome_is_known_to_the_next_owner_of_the_home_shard() => Run(async (world, one, two, three) =>
    {
        var first = one.Submit(new TestUnit(Make.Add(A, "n", 1), Make.Add(B, "n", 1)).By(1, 1));
        await first.Answer;
        await one.Release(0);
        await three.Take(0);

        var again = three.Submit(first.Again());
        await again.Answer;

        again.Text.ShouldBe("1,1");
        (await two.Json(B)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void Nobody_reads_watches_or_changes_what_is_held() => Run(async (world, one, two, _) =>
    {
        await two.Do(Make.Set(B, "n", 1));
        var completing = new TaskCompletionSource();
        world.Links.HoldBack = (_, request) => request[1] == 2 ? completing.Task : Task.CompletedTask;
        var unit = one.Submit(Make.Set(A, "n", 9), Make.Set(B, "n", 9));
        (await unit.Answer).ShouldBeNull("it is decided");

        var (read, change, watcher, holder) = (two.Read(B), two.Submit(Make.Add(B, "n", 1)), two.Watch(B), two.Open(B, 5));
        world.Pass(0.5);
        (read.Text, change.Text, watcher.HasStarted, holder.IsAnswered).ShouldBe(("pending", "pending", false, false));
        completing.SetResult();
        world.Pass(0.5);

        (read.Text, change.Text).ShouldBe(("""{"n":9}""", "3"));
        watcher.Mirror.Version.ShouldBe(3);
        (holder.Session, holder.Mirror.Version).ShouldBe((1, 3));
    });

    [Fact]
    public void Who_waits_for_too_long_is_told_so() => Run(async (world, one, two, _) =>
    {
        var completing = new TaskCompletionSource();
        world.Links.HoldBack = (_, request) => request[1] == 2 ? completing.Task : Task.CompletedTask;
        await one.Do(Make.Set(A, "n", 9), Make.Set(B, "n", 9));

        var (read, change, watcher, holder) = (two.Read(B), two.Submit(Make.Add(B, "n", 1)), two.Watch(B), two.Open(B, 5));
        world.Pass(World.Options.HoldWait.TotalSeconds + 0.2);

        (read.Text, change.Text, watcher.Refusal!.Code, holder.Opening.Refusal!.Code)
            .ShouldBe(("Busy", "Busy", RefusalCode.Busy, RefusalCode.Busy));
        change.Refusal!.IsTransient.ShouldBeTrue();
        completing.SetResult();
    });

    [Fact]
    public void Those_who_wait_get_their_turns_in_order() => Run(async (world, one, two, _) =>
    {
        var holder = two.Open(B, 5);
        await holder.Opened;
        var completing = new TaskCompletionSource();
        world.Links.HoldBack = (_, request) => request[1] == 2 ? completing.Task : Task.CompletedTask;
        await one.Do(Make.Set(A, "n", 1), Make.Add(B, "n", 1));

        var units = Enumerable.Range(1, 5).Select(n => two.Submit(Make.Set(B, "n", n).Under(holder.Session).By(5, n + 1))).ToList();
        units.Add(two.Submit(Make.EndSession(B, holder.Session).By(5, 7)));
        world.Pass(0.1);
        completing.SetResult();
        world.Pass(0.5);

        units.Select(unit => unit.Text).ShouldBe(["3", "4", "5", "6", "7", "7"]);
    });

    [Fact]
    public void A_later_request_of_the_writer_does_not_overtake_a_unit_over_nodes() => Run(async (world, one, two, _) =>
    {
        var preparing = new TaskCompletionSource();
        world.Links.HoldBack = (shard, _) => shard == 1 ? preparing.Task : Task.CompletedTask;
        var first = one.Submit(new TestUnit(Make.Set(D, "n", 1), Make.Set(B, "n", 1)).By(1, 1));
        var later = Enumerable.Range(2, 3).Select(n => one.Submit(Make.Set(D, "n", n).By(1, n))).ToList();
        later.Insert(1, one.Submit(new TestUnit(Make.Set(D, "n", 9), Make.Set(B, "n", 9)).By(1, 5)));
        var (apart, other) = (one.Submit(Make.Set(A, "n", 1).By(1, 6)), one.Submit(Make.Set(D, "m", 1).By(2, 1)));
        world.Pass(0.1);
        (first.Text, apart.Text, other.Text).ShouldBe(("pending", "1", "1"), "others need not wait");
        later.ShouldAllBe(unit => !unit.IsAnswered);
        preparing.SetResult();
        foreach (var unit in later)
            (await unit.Answer).ShouldBeNull();
        (first.Text, string.Join(' ', later.Select(unit => unit.Text))).ShouldBe(("2,1", "3 6,2 4 5"));
        (await one.Json(D)).ShouldBe("""{"m":1,"n":9}""");
    });

    [Fact]
    public void It_goes_on_when_the_unit_over_nodes_is_refused() => Run(async (world, one, two, _) =>
    {
        var preparing = new TaskCompletionSource();
        world.Links.HoldBack = (shard, _) => shard == 1 ? preparing.Task : Task.CompletedTask;
        var first = one.Submit(new TestUnit(Make.Set(D, "n", 1), Make.Set(B, "n", 1)).By(1, 1));
        var later = one.Submit(Make.Set(D, "n", 2).By(1, 2));
        world.Pass(World.Options.UnitTimeout.TotalSeconds * 2);
        (first.Text, later.Text).ShouldBe(("Unavailable", "1"));
        preparing.SetResult();
    });

    [Theory]
    [InlineData(1, "2")]
    [InlineData(2, "VersionNotFound")]
    public void A_rollback_that_waits_for_what_a_unit_let_go_of_is_answered(long version, string answer) => Run(async (world, one, two, three) =>
    {
        await two.Do(Make.Set(B, "n", 1));
        var preparing = new TaskCompletionSource();
        world.Links.HoldBack = (shard, _) => shard == 2 ? preparing.Task : Task.CompletedTask;
        var unit = one.Submit(Make.Set(A, "n", 1), Make.Set(B, "n", 2), Make.Add(C, "n", -1, min: 0));
        world.Pass(0.1);
        var (rollback, behind) = (two.Submit(Make.Restore(B, version)), two.Submit(Make.Add(B, "n", 1)));
        world.Pass(0.1);
        (rollback.Text, behind.Text).ShouldBe(("pending", "pending"));
        preparing.SetResult();
        (await unit.Answer)!.Code.ShouldBe(RefusalCode.Document);
        (await behind.Answer).ShouldBeNull();
        (rollback.Text, behind.Text).ShouldBe((answer, answer == "2" ? "3" : "2"));
    });

    [Fact]
    public void Who_may_not_wait_is_told_so_under_no_lock() => World.Run(async world =>
    {
        world.Links.AreOpen = true;
        var one = await world.JoinAsync([0]);
        var two = await world.JoinAsync([1], World.Options with { MaxWaitingForLoad = 1 });
        await two.Do(Make.Set(B, "n", 1));
        var completing = new TaskCompletionSource();
        world.Links.HoldBack = (_, request) => request[1] == 2 ? completing.Task : Task.CompletedTask;
        await one.Do(Make.Set(A, "n", 9), Make.Set(B, "n", 9));

        two.Read(B).IsAnswered.ShouldBeFalse();
        var isFree = false;
        var reading = new NotedReading
        {
            Key = B,
            Noted = () =>
            {
                var other = new Thread(() => two.Engine.Unwatch(new Onlooker { Key = B }));
                other.Start();
                isFree = other.Join(TimeSpan.FromSeconds(5));
            },
        };
        two.Engine.Read(reading);
        (reading.Code, isFree).ShouldBe((RefusalCode.Overloaded, true));
        completing.SetResult();
    });

    [Fact]
    public void A_further_attempt_expects_the_version_that_the_first_made_of_deferred_properties() => Run(async (world, one, two, three) =>
    {
        var body = World.KeyIn(1, kind: "body");
        await two.Do(Make.Set(body, "n", 1));
        await two.Do(Make.Set(body, "mood", "merry"));
        var asked = 0;
        world.Links.HoldBack = (shard, _) => shard == 2 && asked++ == 0 ? new TaskCompletionSource().Task : Task.CompletedTask;
        var unit = one.Submit(new TestUnit(Make.Set(A, "n", 1), Make.Set(body, "n", 2).At(1), Make.Set(C, "n", 1)).By(1, 1));
        await unit.Answer;
        asked.ShouldBeGreaterThan(1);
        unit.Text.ShouldBe("1,3,1");
        (await two.Json(body)).ShouldBe("""{"mood":"merry","n":2}""");
    });

    [Fact]
    public void A_part_that_is_kept_when_its_attempt_has_long_ended_is_let_go_of() => World.Run(async world =>
    {
        world.Links.AreOpen = true;
        var one = await world.JoinAsync([0, 3], World.Options with { LoadTimeout = TimeSpan.FromMinutes(2), UnloadAfter = TimeSpan.FromHours(1) });
        await world.JoinAsync([2]);
        await one.Do(Make.Add(World.KeyIn(3, 1), "n", 1), Make.Add(C, "n", 1));
        var stall = one.Faults.StallNext(StoreOperation.ReadEntities);
        var unit = one.Submit(Make.Set(D, "n", 1), Make.Set(C, "n", 1));
        await stall.Reached;
        world.Pass(World.Options.UnitTimeout.TotalSeconds * 2);
        unit.Text.ShouldBe("Unavailable");

        // So many attempts end that the shard knows nothing of that one any more.
        for (var i = 0; i < 1_100; i++)
            await one.Do(Make.Add(World.KeyIn(3, 1), "n", 1), Make.Add(C, "n", 1));
        stall.Release();
        world.Pass(World.Options.InDoubtAfter.TotalSeconds + 5);
        (await one.Json(D)).ShouldBe("none");
        one.Engine.Snapshot().PreparedUnits.ShouldBe(0);
    });

    [Fact]
    public void Watchers_and_the_relay_see_a_change_once_it_is_carried_out() => World.Run(async world =>
    {
        world.Links.AreOpen = true;
        var publisher = new MemoryPublisher();
        var one = await world.JoinAsync([0, 3], publisher: publisher);
        var two = await world.JoinAsync([1], publisher: publisher);
        var watcher = two.Watch(B);
        world.Settle();
        var completing = new TaskCompletionSource();
        world.Links.HoldBack = (_, request) => request[1] == 2 ? completing.Task : Task.CompletedTask;
        var unit = one.Submit(new TestUnit(Make.Set(A, "n", 1), Make.Set(B, "n", 2)) { Reason = "trade" }.By(3, 1));
        await unit.Answer;
        world.Pass(0.5);
        watcher.Mirror.Version.ShouldBe(0);
        publisher.Versions(B).ShouldBeEmpty();

        completing.SetResult();
        world.Pass(0.5);

        watcher.Mirror.Version.ShouldBe(1);
        publisher.Versions(B).ShouldBe([1]);
        publisher.Changes.ShouldAllBe(change => change.Reason == "trade");
    });

    [Fact]
    public void Trades_that_cross_both_end() => Run(async (world, one, two, _) =>
    {
        var there = Enumerable.Range(0, 20).Select(_ => one.Submit(Make.Add(A, "n", -1), Make.Add(B, "n", 1))).ToList();
        var back = Enumerable.Range(0, 20).Select(_ => two.Submit(Make.Add(B, "n", -1), Make.Add(A, "n", 1))).ToList();
        foreach (var unit in there.Concat(back))
            await unit.Answer;

        there.Concat(back).ShouldAllBe(unit => unit.Refusal == null);
        (await one.Json(A) + await two.Json(B)).ShouldBe("""{"n":0}{"n":0}""");
        (await one.Do(Make.Add(A, "n", 1))).ShouldBe(41);
    });

    [Fact]
    public void A_session_is_asked_for_where_its_entity_is() => Run(async (_, one, two, _) =>
    {
        var holder = two.Open(B, 5);
        await holder.Opened;

        var foreign = await one.Try(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        var own = one.Submit(new TestUnit(Make.Set(A, "n", 1), Make.Set(B, "n", 1).Under(holder.Session), Make.EndSession(B, holder.Session)).By(5, 2));
        await own.Answer;

        (foreign!.Code, foreign.Mutation).ShouldBe((RefusalCode.SessionRequired, 1));
        own.Text.ShouldBe("1,2,2");
        two.Open(B, 6, policy: SessionConflictPolicy.Fail).ShouldNotBeNull();
    });

    [Fact]
    public void Messages_removals_intents_and_rollbacks_go_over_nodes_too() => Run(async (world, one, two, three) =>
    {
        await two.Do(Make.Set(B, "n", 1));
        await two.Do(Make.Set(B, "n", 2));
        await three.Do(Make.Set(C, "n", 1));
        var message = one.Submit(Make.Set(A, "n", 1), Make.Message(B), Make.Remove(C));
        (await message.Answer).ShouldBeNull();
        message.Versions.ShouldBe([1, 1, 2]);

        var rollback = one.Submit(Make.Set(A, "n", 2), Make.Restore(B, 1), Make.Restore(C, 1));
        (await rollback.Answer).ShouldBeNull();

        rollback.Versions.ShouldBe([2, 3, 3]);
        (await two.Json(B) + await three.Json(C)).ShouldBe("""{"n":1}{"n":1}""");
        var holder = two.Open(B, 5);
        await holder.Opened;
        holder.Messages.Count.ShouldBe(1);
        (await one.Try(Make.Set(A, "n", 3), Make.Restore(B, 77)))!.Code.ShouldBe(RefusalCode.SessionRequired);
        (await one.Try(Make.Set(A, "n", 3), Make.Restore(C, 77)))!.Code.ShouldBe(RefusalCode.VersionNotFound);
    });

    [Fact]
    public void Without_links_a_unit_over_nodes_is_refused() => World.Run(async world =>
    {
        var one = await world.JoinAsync([0]);
        await world.JoinAsync([1]);

        (await one.Code(Make.Set(A, "n", 1), Make.Set(B, "n", 1))).ShouldBe(RefusalCode.NotOwner);
    });

    [Fact]
    public void A_unit_within_one_node_needs_no_prepare() => Run(async (world, one, _, _) =>
    {
        await one.Do(Make.Set(A, "n", 1), Make.Set(D, "n", 1));

        world.Links.Sent.ShouldBe(0);
    });

    [Fact]
    public void Nothing_of_a_unit_is_kept_once_it_has_ended() => Run(async (world, one, two, three) =>
    {
        await one.Do(Make.Set(A, "n", 1), Make.Set(B, "n", 2), Make.Set(C, "n", 3));
        await one.Try(Make.Set(A, "n", 1), Make.Set(B, "n", 2), Make.Add(C, "n", -9, min: 0));
        world.Pass(3);

        foreach (var node in new[] { one, two, three })
        {
            var snapshot = node.Engine.Snapshot();
            (snapshot.PreparedUnits, snapshot.DecidedUnits, snapshot.UnitsUnderWay, snapshot.QueuedUnits, snapshot.QueuedBytes).ShouldBe((0, 0, 0, 0, 0));
        }

        world.StateOf(0).Metadata.Span.IndexOf((byte)2).ShouldNotBe(0);
    });

    /// <summary>Three nodes: the first owns shards 0 and 3, the others one each.</summary>
    private static void Run(Func<World, Node, Node, Node, Task> story) => World.Run(async world =>
    {
        world.Links.AreOpen = true;
        await story(world, await world.JoinAsync([0, 3]), await world.JoinAsync([1]), await world.JoinAsync([2]));
    });

    private sealed class NotedReading : Savepoint.Engine.Reading.EntityReading
    {
        public RefusalCode Code { get; private set; }

        public required Action Noted { get; init; }

        protected internal override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
        {
            Code = refusal?.Code ?? RefusalCode.None;
            Noted();
        }
    }
}
