using Savepoint.Engine.Sessions;
using static Savepoint.Engine.Tests.ThreeNodes;

namespace Savepoint.Engine.Tests;

/// <summary>I3, I4, I5, I6 and I8 of units whose shards several nodes own.</summary>
public sealed class SpanningTests
{
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
}
