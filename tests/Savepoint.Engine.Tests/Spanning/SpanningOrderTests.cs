using static Savepoint.Engine.Tests.ThreeNodes;

namespace Savepoint.Engine.Tests;

/// <summary>In which order units take effect where some of them are over several nodes.</summary>
public sealed class SpanningOrderTests
{
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
}
