using static Savepoint.Engine.Tests.ThreeNodes;

namespace Savepoint.Engine.Tests;

/// <summary>I4 of units over several nodes: a request that comes again, and an attempt that is made again.</summary>
public sealed class SpanningRepeatTests
{
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
}
