namespace Savepoint.Engine.Tests;

/// <summary>Who asks for it gets the document that its change has made, exactly as of that version.</summary>
public sealed class ResultDocumentTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    [Fact]
    public void It_is_the_document_of_the_version_that_the_change_made() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var first = node.Submit(Wanting(Make.Set(A, "gold", 10)));
        var second = node.Submit(Wanting(Make.Intent(A, "spend", """{"amount":3}""")));
        var third = node.Submit(Make.Add(A, "gold", 1));
        await third.Answer;
        Text(first).ShouldBe("""{"gold":10}""");
        Text(second).ShouldStartWith("""{"by":""");
        Text(second).ShouldContain("\"gold\":7");
        third.Mutations[0].ResultDocument.ShouldBeNull("nobody wanted it");
    });

    [Fact]
    public void Each_mutation_of_a_unit_has_its_own() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var unit = node.Submit(Wanting(Make.Set(A, "gold", 1)), Wanting(Make.Set(B, "gold", 2)));
        await unit.Answer;
        (Text(unit), Text(unit, 1)).ShouldBe(("""{"gold":1}""", """{"gold":2}"""));
    });

    [Fact]
    public void What_removes_the_entity_leaves_none() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "gold", 1));
        var removal = node.Submit(Wanting(Make.Remove(A)));
        (await removal.Answer).ShouldBeNull();
        removal.Mutations[0].ResultDocument.ShouldBeNull();
    });

    [Fact]
    public void A_repeated_request_gets_its_version_and_no_document() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var unit = new TestUnit(Wanting(Make.Set(A, "gold", 1))).By(1, 1);
        await node.Submit(unit).Answer;
        await node.Do(Make.Set(A, "gold", 2));
        var again = node.Submit(unit.Again());
        (await again.Answer).ShouldBeNull();
        again.Version.ShouldBe(1);
        again.Mutations[0].ResultDocument.ShouldBeNull();
    });

    [Fact]
    public void A_refused_change_gives_none_also_when_the_object_is_used_again() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var unit = node.Submit(Wanting(Make.Set(A, "gold", 1)));
        await unit.Answer;
        var refused = node.Submit([.. unit.Mutations.Select(mutation => mutation.At(7))]);
        (await refused.Answer)!.Code.ShouldBe(RefusalCode.VersionMismatch);
        refused.Mutations[0].ResultDocument.ShouldBeNull();
    });

    private static Mutation Wanting(Mutation mutation) => mutation with { WantsDocument = true };

    private static string Text(TestUnit unit, int mutation = 0) =>
        Snapshots.Text(new EntitySnapshot { Document = unit.Mutations[mutation].ResultDocument!.ToBytes() });
}
