using Savepoint.Engine.Journal;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Spanning;
using static Savepoint.Engine.Tests.ThreeNodes;

namespace Savepoint.Engine.Tests;

/// <summary>What keeps a unit over nodes whole when messages are late or doubled, commits fail and former owners answer.</summary>
public sealed class InDoubtTests
{
    private const byte Prepares = 1;
    private const byte Ends = 2;

    [Fact]
    public void A_copy_of_a_prepare_that_comes_when_all_is_over_changes_nothing() => Run(async (world, one, two, _) =>
    {
        var copy = Capture(world, shard: 1, Prepares);
        await one.Do(Make.Set(A, "n", 1), Make.Add(B, "n", 1), Make.Set(C, "n", 1));
        world.Pass(1);
        await two.Release(1);
        await two.Take(1);

        var answer = two.Engine.AnswerAsync(copy(), CancellationToken.None).AsTask();
        world.Pass(1);
        PeerMessages.ReadPrepared((await answer).Span).Refusal.ShouldBeNull("it knows no more that the unit has ended");
        world.Pass(20);

        (await two.Json(B)).ShouldBe("""{"n":1}""");
        (await two.Do(Make.Add(B, "n", 1))).ShouldBe(2);
        two.Engine.Snapshot().PreparedUnits.ShouldBe(0);
    });

    [Fact]
    public void Nor_does_one_that_comes_while_other_parts_are_still_to_be_carried_out() => Run(async (world, one, two, three) =>
    {
        var copy = Capture(world, shard: 1, Prepares);
        var held = new TaskCompletionSource();
        var capture = world.Links.HoldBack!;
        world.Links.HoldBack = (shard, request) => shard == 2 && request[1] == Ends ? held.Task : capture(shard, request);
        await one.Do(Make.Set(A, "n", 1), Make.Add(B, "n", 1), Make.Set(C, "n", 1));
        world.Pass(1);
        await two.Release(1);
        await two.Take(1);
        var answer = two.Engine.AnswerAsync(copy(), CancellationToken.None).AsTask();
        world.Pass(1);
        PeerMessages.ReadPrepared((await answer).Span).Versions.ShouldBe([2]);
        one.Engine.Snapshot().DecidedUnits.ShouldBe(1);

        world.Pass(10);

        (await two.Json(B)).ShouldBe("""{"n":1}""", "the decision is about version 1");
        (await two.Do(Make.Add(B, "n", 1))).ShouldBe(2);
        held.SetResult();
        world.Pass(1);
        (await three.Json(C)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_former_owner_can_not_say_that_a_unit_is_aborted() => Run(async (world, one, _, three) =>
    {
        await three.Take(0);

        var answer = one.Engine.AnswerAsync(PeerMessages.Inquire(0, new Guid(7, 7, 7, new byte[8]), 1), CancellationToken.None);
        world.Pass(5);

        PeerMessages.ReadFate((await answer).Span).Refusal.ShouldNotBeNull();
        var present = three.Engine.AnswerAsync(PeerMessages.Inquire(0, new Guid(7, 7, 7, new byte[8]), 1), CancellationToken.None);
        world.Pass(1);
        PeerMessages.ReadFate((await present).Span).Fate.ShouldBe(Fate.Aborted);
    });

    [Fact]
    public void A_former_owner_can_not_say_that_a_part_has_ended() => Run(async (world, _, two, three) =>
    {
        await three.Take(1);

        var answer = two.Engine.AnswerAsync(PeerMessages.End(1, new Guid(7, 7, 7, new byte[8]), [1]), CancellationToken.None);
        world.Pass(5);

        PeerMessages.ReadEnded((await answer).Span).ShouldNotBeNull();
        var present = three.Engine.AnswerAsync(PeerMessages.End(1, new Guid(7, 7, 7, new byte[8]), [1]), CancellationToken.None);
        world.Pass(1);
        PeerMessages.ReadEnded((await present).Span).ShouldBeNull();
    });

    [Fact]
    public void What_is_prepared_survives_checkpoints_and_owners_until_it_is_decided() => Run(async (world, one, two, three) =>
    {
        await two.Do(Make.Set(B, "n", 1));
        world.Links.HoldBack = (shard, request) => shard == 1 && request[1] == Ends ? Task.Delay(TimeSpan.FromHours(1), world.Time) : Task.CompletedTask;
        await one.Do(Make.Set(A, "n", 2), Make.Set(B, "n", 2));
        one.Crash();
        world.Pass(2);
        (await two.Release(1)).Single().IsCheckpointed.ShouldBeTrue("it waits for nobody");
        world.Stored(B)!.Version.ShouldBe(1);
        await three.Take(1);
        world.Links.Owners[1] = two;
        world.Pass(1);
        three.Engine.Snapshot().PreparedUnits.ShouldBe(1, "its home shard is nobody's");
        three.Read(B).Text.ShouldBe("pending");

        await three.Take(0);
        world.Pass(10);

        (await three.Json(B)).ShouldBe("""{"n":2}""");
        (await three.Json(A)).ShouldBe("""{"n":2}""");
    });

    [Fact]
    public void A_part_is_prepared_once_that_is_durable() => Run(async (world, one, two, _) =>
    {
        var stall = two.Faults.StallNext(StoreOperation.Append);
        var unit = one.Submit(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        world.Pass(0.5);
        (unit.Text, one.Read(A).Text).ShouldBe(("pending", "pending"));

        stall.Release();
        await unit.Answer;

        unit.Text.ShouldBe("1,1");
    });

    [Fact]
    public void The_caller_hears_once_the_decision_is_durable() => Run(async (world, one, two, _) =>
    {
        var stall = one.Faults.StallNext(StoreOperation.Append);
        var unit = one.Submit(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        await stall.Reached;
        world.Pass(1);
        (unit.Text, two.Read(B).Text).ShouldBe(("pending", "pending"));
        two.Engine.Snapshot().PreparedUnits.ShouldBe(1);

        stall.Release();
        await unit.Answer;

        unit.Text.ShouldBe("1,1");
    });

    [Fact]
    public void A_decision_that_can_not_be_stored_is_none() => Run(async (world, one, two, _) =>
    {
        one.Faults.FailNext(StoreOperation.Append, isTransient: false);

        (await one.Code(Make.Set(A, "n", 1), Make.Set(B, "n", 1))).ShouldBe(RefusalCode.Unavailable);

        world.Pass(1);
        (await one.Json(A) + await two.Json(B)).ShouldBe("nonenone");
        two.Engine.Snapshot().PreparedUnits.ShouldBe(0);
    });

    [Fact]
    public void A_part_whose_carrying_out_can_not_be_stored_is_carried_out_later() => Run(async (world, one, two, _) =>
    {
        world.Links.HoldBack = (_, request) =>
        {
            if (request[1] == Ends)
                two.Faults.FailNext(StoreOperation.Append, isTransient: false);
            world.Links.HoldBack = request[1] == Ends ? null : world.Links.HoldBack;
            return Task.CompletedTask;
        };
        await one.Do(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        world.Pass(0.5);
        two.Engine.Snapshot().PreparedUnits.ShouldBe(1, "it is held again");
        two.Read(B).Text.ShouldBe("pending");

        world.Pass(10);

        (await two.Json(B)).ShouldBe("""{"n":1}""");
        (await two.Do(Make.Add(B, "n", 1))).ShouldBe(2);
    });

    [Fact]
    public void What_the_home_shard_s_part_was_built_on_may_be_given_up() => Run(async (world, one, two, _) =>
    {
        await one.Do(Make.Set(A, "n", 1));
        var stall = one.Faults.StallNext(StoreOperation.Append);
        var lost = one.Submit(Make.Add(A, "n", 10));
        await stall.Reached;
        var unit = one.Submit(Make.Add(A, "n", 1), Make.Set(B, "n", 1));
        stall.Fail(new StoreException("no", WriteOutcome.NotApplied, isTransient: false));
        await lost.Answer;
        await unit.Answer;

        (lost.Text, unit.Text).ShouldBe(("Unavailable", "2,1"));
        (await one.Json(A) + await two.Json(B)).ShouldBe("""{"n":2}{"n":1}""");
    });

    [Fact]
    public void What_deferred_properties_hold_gets_a_version_of_its_own_before() => Run(async (world, one, two, _) =>
    {
        var body = World.KeyIn(1, kind: "body");
        await two.Do(Make.Set(body, "n", 1));
        await two.Submit(Make.Set(body, "mood", 5).By(7, 1)).Answer;
        var copy = Capture(world, shard: 1, Ends);

        var unit = one.Submit(Make.Set(A, "n", 1), Make.Set(body, "mood", 6).At(1));
        (await unit.Answer).ShouldBeNull();
        world.Pass(0.5);

        unit.Text.ShouldBe("1,3");
        (await two.Json(body, 2)).ShouldBe("""{"mood":5,"n":1}""");
        (await two.Json(body)).ShouldBe("""{"mood":6,"n":1}""");
        two.Crash();
        var next = await world.JoinAsync([1]);
        var again = next.Submit(Make.Set(body, "mood", 5).By(7, 1));
        await again.Answer;
        again.Text.ShouldBe("1");
        (await next.Json(body)).ShouldBe("""{"mood":6,"n":1}""");
        copy().Length.ShouldBeGreaterThan(0);
    });

    [Fact]
    public void A_transient_property_is_pushed_when_its_part_is_carried_out() => Run(async (world, one, two, _) =>
    {
        var body = World.KeyIn(1, kind: "body");
        await two.Do(Make.Set(body, "n", 1));
        var watcher = two.Watch(body);
        world.Settle();

        var unit = one.Submit(Make.Set(A, "n", 1), Make.Set(body, "place", 4));
        (await unit.Answer).ShouldBeNull();
        world.Pass(0.5);

        (unit.Text, watcher.Mirror.Version).ShouldBe(("1,2", 2));
        watcher.Mirror.Text.ShouldContain("\"place\":4");
        two.Crash();
        (await (await world.JoinAsync([1])).Json(body)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void A_session_does_not_run_out_while_its_entity_is_held() => Run(async (world, one, two, _) =>
    {
        var holder = two.Open(B, 5);
        await holder.Opened;
        two.Engine.Disconnect(holder);
        world.Pass(World.Options.SessionLease.TotalSeconds - 1);
        world.Links.HoldBack = (_, request) => request[1] == Ends ? Task.Delay(TimeSpan.FromSeconds(4), world.Time) : Task.CompletedTask;
        await one.Do(Make.Set(A, "n", 1), Make.Add(B, "n", 1));
        world.Pass(2);
        two.Engine.Snapshot().Sessions.ShouldBe(1);

        world.Pass(5);

        two.Engine.Snapshot().Sessions.ShouldBe(0);
        (await two.Json(B)).ShouldBe("""{"n":1}""");
    });

    [Fact]
    public void There_is_an_end_to_what_a_shard_prepares_and_a_node_undertakes() => World.Run(async world =>
    {
        world.Links.AreOpen = true;
        var options = World.Options with { MaxPreparesPerShard = 2, MaxUnitsUnderWay = 5, UnitTimeout = TimeSpan.FromSeconds(1) };
        var one = await world.JoinAsync([0], options);
        var two = await world.JoinAsync([1], options);
        world.Links.HoldBack = (_, request) => request[1] == Ends ? Task.Delay(TimeSpan.FromMinutes(10), world.Time) : Task.CompletedTask;

        var units = Enumerable.Range(0, 8).Select(n => one.Submit(Make.Set(World.KeyIn(0, n), "n", 1), Make.Set(World.KeyIn(1, n), "n", 1))).ToList();
        world.Pass(4);

        units.Count(unit => unit.Text == "1,1").ShouldBe(2);
        units.Count(unit => unit.Text == "Overloaded").ShouldBe(6);
        (two.Engine.Snapshot().PreparedUnits, one.Engine.Snapshot().UnitsUnderWay).ShouldBe((2, 0));
    });

    [Fact]
    public void Everybody_is_answered_when_the_engine_stops() => Run(async (world, one, two, _) =>
    {
        world.Links.HoldBack = (_, _) => Task.Delay(TimeSpan.FromMinutes(10), world.Time);
        var unit = one.Submit(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        var copy = one.Submit(new TestUnit(Make.Set(A, "n", 1), Make.Set(B, "n", 1)).By(1, 1));
        var again = one.Submit(copy.Again());
        var read = one.Read(A);
        world.Pass(0.1);

        await one.StopAsync();

        new[] { unit, copy, again }.ShouldAllBe(each => each.IsAnswered && each.Refusal!.IsTransient);
        read.IsAnswered.ShouldBeTrue();
        two.Engine.Snapshot().PreparedUnits.ShouldBe(0);
    });

    [Fact]
    public void What_is_held_is_free_again_when_the_lease_ends_meanwhile() => Run(async (world, one, _, _) =>
    {
        one.Engine.ExtendLease(one.Now, TimeSpan.FromSeconds(2));
        world.Links.HoldBack = (_, _) => Task.Delay(TimeSpan.FromMinutes(10), world.Time);
        var unit = one.Submit(Make.Set(A, "n", 1), Make.Set(B, "n", 1));
        world.Pass(20);
        unit.IsAnswered.ShouldBeTrue();

        one.Engine.ExtendLease(one.Now, TimeSpan.FromSeconds(60));

        (await one.Do(Make.Set(A, "n", 2))).ShouldBe(1);
    });

    [Fact]
    public void A_message_of_another_format_is_refused() => Run(async (_, one, _, _) =>
    {
        foreach (var message in new byte[][] { [], [9], [1, 77], [1, Prepares, 3], [1, Ends, 255, 1], [.. PeerMessages.Inquire(9_999, Guid.Empty, 0)] })
            PeerMessages.ReadEnded((await one.Engine.AnswerAsync(message, CancellationToken.None)).Span)!.Code.ShouldBe(RefusalCode.Unavailable);
    });

    [Fact]
    public void A_prepare_is_read_back_as_it_was_written()
    {
        var mutations = new[]
        {
            Make.Set(B, "n", 1).At(3).Under(9).Processing(1, 2),
            Make.Message(C),
            Make.Restore(A, 7),
            Make.Intent(A, "spend", """{"amount":1}""") with { Template = new byte[] { 1, 2 } },
        };
        var part = new UnitPart(new Guid(7, 7, 7, new byte[8]), 3, [4, 0, 2, 9]) { Mutations = mutations, Writer = World.Writer(1), Request = 5, Actor = "a", Reason = "r" };
        var sentAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var prepare = new Prepare
        {
            Part = part,
            Kept =
            [
                new KeptMutation { Version = 4, Delta = [1, 2, 3] },
                new KeptMutation { Version = 6, Delta = [], Message = new EntityMessage(6, mutations[1].Payload, "a", sentAt) },
                new KeptMutation { Version = 8, Delta = [], Removes = true },
                new KeptMutation { Version = 9, Delta = [7] },
            ],
            Sequence = 11,
        };
        using var buffer = new ByteBuffer();
        prepare.Write(buffer);
        var cursor = new ByteCursor(buffer.Written);

        var read = Prepare.Read(ref cursor, 11);

        cursor.IsAtEnd.ShouldBeTrue();
        (read.Id, read.Part.HomeShard, read.Part.Writer, read.Part.Request, read.Part.Actor, read.Part.Reason, read.Part.CorrelationId)
            .ShouldBe((part.Id, 3, part.Writer, 5, "a", "r", null));
        read.Versions.ShouldBe([4, 6, 8, 9]);
        read.Part.Indexes.ShouldBe([4, 0, 2, 9]);
        read.Kept.Select(kept => kept.Removes).ShouldBe([false, false, true, false]);
        read.Kept[0].Delta.ShouldBe([1, 2, 3]);
        (read.Kept[1].Message!.Id, read.Kept[1].Message!.SentAt, read.Kept[1].Message!.Sender).ShouldBe((6, sentAt, "a"));
        for (var i = 0; i < mutations.Length; i++)
        {
            ref readonly var mutation = ref read.Part.Mutations[i];
            (mutation.Key, mutation.Kind, mutation.Intent, mutation.ExpectedVersion, mutation.Session, mutation.RestoredVersion)
                .ShouldBe((mutations[i].Key, mutations[i].Kind, mutations[i].Intent, mutations[i].ExpectedVersion, mutations[i].Session, mutations[i].RestoredVersion));
            mutation.Payload.ToArray().ShouldBe(mutations[i].Payload.ToArray());
            mutation.Template.ToArray().ShouldBe(mutations[i].Template.ToArray());
            (mutation.ProcessedMessages ?? []).ShouldBe(mutations[i].ProcessedMessages ?? []);
        }
    }

    [Fact]
    public void Within_one_node_a_transient_change_in_a_unit_makes_a_version() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var body = World.KeyIn(1, kind: "body");
        await node.Do(Make.Set(body, "n", 1));
        var unit = node.Submit(Make.Set(A, "n", 1), Make.Set(body, "place", 4));
        (await unit.Answer).ShouldBeNull();
        unit.Text.ShouldBe("1,2");
        node.Crash();

        (await (await world.StartAsync()).Json(body)).ShouldBe("""{"n":1}""");
    });

    /// <summary>Keeps the first request of a kind to a shard.</summary>
    private static Func<byte[]> Capture(World world, int shard, byte kind)
    {
        byte[]? captured = null;
        world.Links.HoldBack = (to, request) =>
        {
            captured ??= to == shard && request[1] == kind ? request : null;
            return Task.CompletedTask;
        };
        return () => captured!;
    }

    /// <summary>Three nodes with a shard each.</summary>
    private static void Run(Func<World, Node, Node, Node, Task> story) => ThreeNodes.Run([0], story);
}
