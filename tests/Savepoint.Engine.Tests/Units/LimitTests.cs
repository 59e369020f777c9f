namespace Savepoint.Engine.Tests;

/// <summary>I9, E6: every queue has a limit, and over it a request is refused at once.</summary>
public sealed class LimitTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Fact]
    public void Over_the_limit_of_queued_units_everything_that_would_wait_is_refused_at_once() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxQueuedUnits = 5 });
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(World.KeyIn(1), "n", 1));
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var first = node.Submit(Make.Add(A, "n", 1).By(1, 1));
        await stall.Reached;
        for (var i = 0; i < 4; i++)
            node.Submit(Make.Add(A, "n", 1)).IsAnswered.ShouldBeFalse();

        var over = node.Submit(Make.Add(A, "n", 1));
        (over.Text, over.Refusal!.IsTransient).ShouldBe(("Overloaded", true));
        over.Refusal.RetryAfter.ShouldNotBeNull();
        node.Read(A).Text.ShouldBe("Overloaded");
        node.Watch(A).Log.ShouldBe(["refused Overloaded"]);
        node.Open(A, 1).Text.ShouldBe("Overloaded");
        node.Submit(first.Again()).Text.ShouldBe("Overloaded");
        node.Submit(Make.Set(A, "n", 1).At(1)).Text.ShouldBe("Overloaded");
        node.Read(World.KeyIn(1)).Text.ShouldBe("""{"n":1}""");

        stall.Release();
        world.Settle();
        (await node.Json(A)).ShouldBe("""{"n":6}""");
        var again = node.Submit(first.Again());
        again.Text.ShouldBe("2");
        node.Engine.Snapshot().QueuedUnits.ShouldBe(0);
        node.Engine.Snapshot().QueuedBytes.ShouldBe(0);
    });

    [Fact]
    public void A_session_holder_gets_through_longer_than_others() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxQueuedBytes = 1_000 });
        await node.Open(A, 1).Opened;
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var blob = Value.From(new ReadOnlyMemory<byte>(new byte[1_100]));
        node.Submit(Make.Set(World.KeyIn(1), "b", blob));
        world.Settle();
        await stall.Reached;
        node.Submit(Make.Add(A, "n", 1)).Text.ShouldBe("Overloaded");
        var save = node.Submit(Make.Set(A, "n", 1).Under(1).By(1, 2));
        save.IsAnswered.ShouldBeFalse();
        stall.Release();
        (await save.Answer).ShouldBeNull();
    });

    [Fact]
    public void Only_so_many_may_wait_for_loads() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxWaitingForLoad = 3 });
        var stall = node.Faults.StallNext(StoreOperation.ReadEntities);
        var waiting = Enumerable.Range(0, 3).Select(number => node.Read(World.KeyIn(number))).ToList();
        await stall.Reached;
        node.Read(A).Text.ShouldBe("Overloaded");
        node.Submit(Make.Set(World.KeyIn(3), "n", 1)).Text.ShouldBe("Overloaded");
        stall.Release();
        world.Settle();
        waiting.ShouldAllBe(reading => reading.Text == "none");
        (await node.Json(World.KeyIn(3))).ShouldBe("none");
    });

    [Fact]
    public void A_copy_of_a_request_that_waits_already_is_not_refused_for_want_of_room() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxWaitingForLoad = 1 });
        var stall = node.Faults.StallNext(StoreOperation.ReadEntities);
        var first = node.Submit(new TestUnit(Make.Set(A, "n", 1)).By(1, 1));
        await stall.Reached;
        var again = node.Submit(new TestUnit(Make.Set(A, "n", 1)).By(1, 1));
        node.Submit(new TestUnit(Make.Set(A, "n", 1)).By(1, 2)).Text.ShouldBe("Overloaded");
        stall.Release();
        (await first.Answer).ShouldBeNull();
        (await again.Answer).ShouldBeNull();
        (first.Mutations[0].ResultVersion, again.Mutations[0].ResultVersion).ShouldBe((1, 1));
    });

    [Fact]
    public void Loads_are_bounded_also_when_the_store_hangs_and_those_who_waited_are_gone() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxWaitingForLoad = 3 });
        var stall = node.Faults.StallNext(StoreOperation.ReadEntities);
        var waiting = Enumerable.Range(0, 3).Select(number => node.Read(World.KeyIn(number))).ToList();
        world.Pass(12);
        waiting.ShouldAllBe(reading => reading.Text == "LoadTimeout");
        (await node.Json(World.KeyIn(3))).ShouldBe("Overloaded");
        stall.Release();
        world.Settle();
        (await node.Json(World.KeyIn(3))).ShouldBe("none");
    });

    [Fact]
    public void Only_so_many_entities_may_be_in_memory() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxResidentEntities = 2 });
        await node.Json(World.Thing("1"));
        await node.Json(World.Thing("2"));
        (await node.Json(World.Thing("3"))).ShouldBe("Overloaded");
        (await node.Json(World.Thing("1"))).ShouldBe("none");
        world.Pass(45);
        (await node.Json(World.Thing("3"))).ShouldBe("none");
    });

    [Fact]
    public void A_load_that_takes_too_long_is_answered() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        node.Faults.StallNext(StoreOperation.ReadEntities);
        var (reading, unit, watcher, holder) = (node.Read(A), node.Submit(Make.Set(A, "n", 1)), node.Watch(A), node.Open(A, 1));
        world.Pass(9.8);
        (reading.IsAnswered, unit.IsAnswered, watcher.HasStarted, holder.IsAnswered).ShouldBe((false, false, false, false));
        world.Pass(0.4);
        (reading.Text, unit.Text, watcher.Log[0], holder.Text).ShouldBe(("LoadTimeout", "LoadTimeout", "refused LoadTimeout", "LoadTimeout"));
        node.Engine.Unwatch(watcher);
    });

    [Fact]
    public void A_load_that_fails_is_answered_and_can_be_tried_again() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        node.Faults.FailNext(StoreOperation.ReadEntities);
        (await node.Json(A)).ShouldBe("Unavailable");
        (await node.Json(A)).ShouldBe("none");
    });

    [Fact]
    public void An_entity_holds_at_most_so_many_messages_and_none_is_dropped() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        var sent = Enumerable.Range(0, 1_000).Select(_ => node.Submit(Make.Message(A))).ToList();
        world.Settle();
        sent.ShouldAllBe(unit => unit.Refusal == null);
        (await node.Code(Make.Message(A))).ShouldBe(RefusalCode.TooManyMessages);
        node.Crash();
        node = await world.StartAsync();
        (await node.Code(Make.Message(A))).ShouldBe(RefusalCode.TooManyMessages);
        var holder = node.Open(A, 1);
        await holder.Opened;
        holder.Messages.Select(message => message.Id).ShouldBe(Enumerable.Range(1, 1_000).Select(id => (long)id));
        (await node.Submit(Make.Add(A, "n", 1).Under(1).Processing(1).By(1, 2)).Answer).ShouldBeNull();
        (await node.Do(Make.Message(A))).ShouldBe(1_001);
    });

    [Fact]
    public void A_journal_at_its_largest_refuses_changes_until_it_may_shrink() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxJournalBytes = 2_000, JournalRetention = TimeSpan.FromMinutes(10) });
        await node.Do(Make.Set(A, "b", Value.From(new ReadOnlyMemory<byte>(new byte[3_000]))));
        await node.Do(Make.Set(A, "b", 1));
        world.Pass(100);
        (await node.Code(Make.Add(A, "n", 1))).ShouldBe(RefusalCode.Overloaded);
        (await node.Json(A)).ShouldBe("""{"b":1}""");
        world.Pass(900);
        (await node.Code(Make.Add(A, "n", 1))).ShouldBe(RefusalCode.None);
    });

    [Fact]
    public void Texts_that_are_journaled_have_a_limit() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var (most, over) = (new string('x', 256), new string('x', 257));
        (await Code(new TestUnit(Make.Add(A, "n", 1)) { Actor = $"player:{most}", CorrelationId = most })).ShouldBeNull();
        (await Code(new TestUnit(Make.Add(A, "n", 1)) { Actor = new string('x', 321) })).ShouldBe(RefusalCode.InvalidRequest);
        (await Code(new TestUnit(Make.Add(A, "n", 1)) { CorrelationId = over })).ShouldBe(RefusalCode.InvalidRequest);
        (await Open(over)).ShouldBe("InvalidRequest");
        (await Open(most)).ShouldBe("opened 1");

        async Task<RefusalCode?> Code(TestUnit unit) => (await node.Submit(unit).Answer)?.Code;

        async Task<string> Open(string name)
        {
            var holder = new Holder { Key = A, Name = name, Writer = World.Writer(1), Request = 1 };
            node.Engine.OpenSession(holder);
            await holder.Opened;
            return holder.Text;
        }
    });
}
