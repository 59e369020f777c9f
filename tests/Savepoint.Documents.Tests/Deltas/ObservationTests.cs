namespace Savepoint.Documents.Tests;

public sealed class ObservationTests
{
    [Fact]
    public void Each_kind_of_change_is_told_with_old_and_new_value() => Observe(
        """{"gold":5,"l":[1],"m":{"x":1}}""",
        d =>
        {
            d.Increment("gold", 1);
            d.Set("new.deep", "x");
            d.Insert("l[0]", 0);
            d.Remove("l[1]");
            d.Clear("m");
        }).ShouldBe([
            "Set gold: 5 -> 6",
            "Add new.deep: (none) -> x",
            "Insert l[0]: (none) -> 0",
            "Remove l[1]: 1 -> (none)",
            "Clear m: map of 1 -> map of 0",
        ]);

    [Fact]
    public void A_scalar_set_to_its_present_value_is_no_change() => Observe(
        """{"a":1,"b":"x","t":true}""",
        d => { d.Set("a", 1); d.Increment("a", 0); d.Set("b", "x"); d.Set("t", true); }).ShouldBeEmpty();

    [Fact]
    public void What_changes_nothing_is_not_told() => Observe(
        """{"m":{},"l":[]}""",
        d => { d.Remove("x.y"); d.Clear("m"); d.Clear("l"); d.Clear("nothing"); }).ShouldBeEmpty();

    [Fact]
    public void The_same_number_of_another_type_is_a_change() =>
        Observe("""{"a":1}""", d => d.Set("a", 1.0)).ShouldBe(["Set a: 1 -> 1"]);

    [Fact]
    public void A_new_value_is_told_as_it_was_at_the_change()
    {
        var changes = Changes("{}", d => { d.Set("m", Value.FromMap(new MapBuilder { ["x"] = 1 })); d.Set("m.x", 2); });
        changes[0].NewValue.AsMap()["x"].ShouldBe(1);
        changes[1].OldValue.ShouldBe(1);
    }

    [Fact]
    public void A_refused_delta_tells_nothing()
    {
        var recorder = new Recorder();
        var delta = Edit.Delta(d => { d.Set("a", 1); d.Increment("a", 1.5); });
        Delta.TryApply(new Document(), delta, DocumentLimits.Default, new UndoLog(), recorder, ChangeOrigin.Local, out _).ShouldBe(DocumentError.WrongType);
        recorder.Changes.ShouldBeEmpty();
    }

    [Fact]
    public void The_origin_is_the_callers() => Changes("{}", d => d.Set("a", 1)).Single().Origin.ShouldBe(ChangeOrigin.Remote);

    private static List<DocumentChange> Changes(string json, Action<DeltaWriter> write)
    {
        var recorder = new Recorder();
        Delta.TryApply(Edit.Json(json), Edit.Delta(write), DocumentLimits.Default, new UndoLog(), recorder, ChangeOrigin.Remote, out _).ShouldBe(DocumentError.None);
        return recorder.Changes;
    }

    private static IEnumerable<string> Observe(string json, Action<DeltaWriter> write) =>
        Changes(json, write).Select(change => $"{change.Kind} {change.Path}: {change.OldValue} -> {change.NewValue}");
}
