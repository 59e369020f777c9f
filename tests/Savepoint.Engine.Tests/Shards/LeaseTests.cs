namespace Savepoint.Engine.Tests;

/// <summary>A node answers from memory and starts commits only while its lease holds.</summary>
public sealed class LeaseTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    [Fact]
    public void Without_a_lease_there_is_no_end() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        world.Pass(3 * 3600);
        (await node.Do(Make.Set(A, "n", 1))).ShouldBe(1);
    });

    [Fact]
    public void Everybody_is_refused_once_it_is_over_and_served_when_it_comes_back() => World.Run(async world =>
    {
        var node = await world.JoinAsync([0]);
        Extend(node, 5);
        await node.Do(Make.Set(A, "n", 1));
        world.Pass(4.9);
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        world.Pass(0.1);
        var refusal = (await node.Try(Make.Set(A, "n", 2)))!;
        (refusal.Code, refusal.IsTransient).ShouldBe((RefusalCode.Unavailable, true));
        node.Read(A).Text.ShouldBe("Unavailable");
        node.Watch(A).Log.ShouldBe(["refused Unavailable"]);
        node.Open(A, 1).Text.ShouldBe("Unavailable");
        Extend(node, 5);
        (await node.Do(Make.Set(A, "n", 2))).ShouldBe(2);
    });

    [Fact]
    public void It_counts_from_when_the_renewal_was_sent_and_is_never_shortened() => World.Run(async world =>
    {
        var node = await world.JoinAsync([0]);
        var sent = node.Now;
        world.Pass(3);
        Extend(node, 5);
        node.Engine.ExtendLease(sent, TimeSpan.FromSeconds(5));
        world.Pass(4);
        (await node.Do(Make.Set(A, "n", 1))).ShouldBe(1);
        world.Pass(1);
        (await node.Code(Make.Set(A, "n", 2))).ShouldBe(RefusalCode.Unavailable);
        node.Engine.ExtendLease(sent, TimeSpan.FromSeconds(8));
        (await node.Code(Make.Set(A, "n", 2))).ShouldBe(RefusalCode.Unavailable, "it was sent eight seconds ago");
    });

    [Fact]
    public void A_process_that_wakes_after_it_is_over_answers_nothing_from_memory() => World.Run(async world =>
    {
        var first = await world.JoinAsync([0]);
        await first.Do(Make.Set(A, "n", 1));
        Extend(first, 5);

        first.Sleep(6);
        first.Read(A).Text.ShouldBe("Unavailable");
        first.Submit(Make.Set(A, "n", 2)).Text.ShouldBe("Unavailable");
    });

    [Fact]
    public void No_commit_is_started_while_it_is_over_but_one_waits_a_while_for_a_renewal_that_is_late() => World.Run(async world =>
    {
        var node = await world.JoinAsync([0]);
        await node.Do(Make.Set(A, "n", 1));
        Extend(node, 5);
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var first = node.Submit(Make.Set(A, "n", 2));
        await stall.Reached;
        var late = node.Submit(Make.Set(A, "n", 3));
        world.Pass(5.5);
        var appends = node.Crashes.Appends;
        stall.Release();
        world.Pass(1);
        (first.Text, late.Text).ShouldBe(("2", "pending"));
        node.Crashes.Appends.ShouldBe(appends + 1, "the one that was under way");
        Extend(node, 5);
        await late.Answer;
        late.Text.ShouldBe("3");
    });

    [Fact]
    public void What_was_queued_when_it_ran_out_for_good_is_refused_and_did_not_happen() => World.Run(async world =>
    {
        var node = await world.JoinAsync([0, 1]);
        await node.Do(Make.Set(A, "n", 1));
        Extend(node, 5);
        var stall = node.Faults.StallNext(StoreOperation.Append);
        var other = node.Submit(Make.Set(B, "n", 1));
        await stall.Reached;
        var unit = node.Submit(Make.Set(A, "n", 2));
        var watcher = node.Watch(A);
        world.Pass(6);
        stall.Release();
        world.Pass(5);
        (other.Text, unit.Text).ShouldBe(("1", "Unavailable"));
        watcher.Log.ShouldBe(["refused Unavailable"]);
        Extend(node, 5);
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        (await node.Do(Make.Set(A, "n", 3))).ShouldBe(2);
    });

    [Fact]
    public void Sessions_and_overlays_are_left_alone_while_it_is_over() => World.Run(async world =>
    {
        var node = await world.JoinAsync([0]);
        var body = World.KeyIn(0, kind: "body");
        await node.Do(Make.Set(body, "n", 1));
        Extend(node, 5);
        await node.Do(Make.Set(body, "mood", "merry"));
        node.Sleep(6);
        world.Pass(20);
        Extend(node, 5);
        (await node.Json(body)).ShouldBe("""{"mood":"merry","n":1}""");
        world.Pass(2);
        node.Crash();
        var next = await world.StartAsync();
        (await next.Json(body)).ShouldBe("""{"mood":"merry","n":1}""");
    });

    [Fact]
    public void A_writer_that_sends_again_while_it_is_over_is_remembered_when_it_comes_back() => World.Run(async world =>
    {
        var node = await world.JoinAsync([0]);
        Extend(node, 5);
        var unit = node.Submit(Make.Add(A, "n", 1).By(1, 1));
        (await unit.Answer).ShouldBeNull();
        world.Pass(World.Options.WriterMemory.TotalSeconds);
        for (var i = 0; i < 130; i++)
        {
            world.Pass(1);
            node.Submit(unit.Again()).Text.ShouldBe("Unavailable");
        }

        Extend(node, 5000);
        world.Pass(130);
        var again = node.Submit(unit.Again());
        await again.Answer;
        again.Text.ShouldBe("1");
        (await node.Json(A)).ShouldBe("""{"n":1}""");
        world.Pass(World.Options.WriterMemory.TotalSeconds + 130);
        (await node.Do(Make.Add(A, "n", 1))).ShouldBe(2);
        var forgotten = node.Submit(unit.Again());
        await forgotten.Answer;
        forgotten.Text.ShouldBe("3", "it has been idle since");
    });

    private static void Extend(Node node, double seconds) => node.Engine.ExtendLease(node.Now, TimeSpan.FromSeconds(seconds));
}
