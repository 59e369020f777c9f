namespace Savepoint.Documents.Tests;

public sealed class DeltaTests
{
    [Fact]
    public void A_set_makes_the_maps_on_the_way() =>
        Edit.After("{}", d => d.Set("a.b.c", 1)).ShouldBe("""{"a":{"b":{"c":1}}}""");

    [Fact]
    public void A_set_does_not_make_lists() => Refused.Delta(DocumentError.PathNotFound, new Document(), d => d.Set("items[0]", 1));

    [Fact]
    public void A_set_goes_over_a_list_item() =>
        Edit.After("""{"l":[1,2]}""", d => d.Set("l[1]", "x")).ShouldBe("""{"l":[1,"x"]}""");

    [Fact]
    public void A_set_may_change_the_type() => Edit.After("""{"a":1}""", d => d.Set("a", Value.FromList(1.0))).ShouldBe("""{"a":[1.0]}""");

    [Fact]
    public void A_set_behind_a_lists_end_is_refused() => Refused.Delta(DocumentError.IndexOutOfRange, Edit.Json("""{"l":[1]}"""), d => d.Set("l[1]", 1));

    [Theory]
    [InlineData("a.b")]
    [InlineData("a[0]")]
    [InlineData("l.x")]
    [InlineData("l.x.y")]
    [InlineData("m[0]")]
    [InlineData("m[0].x")]
    [InlineData("[0]")]
    public void A_path_through_a_value_of_another_kind_is_refused(string path)
    {
        var document = Edit.Json("""{"a":1,"l":[1],"m":{}}""");
        Refused.Delta(DocumentError.WrongType, document, d => d.Set(path, 1));
        Refused.Delta(DocumentError.WrongType, document, d => d.Increment(path, 1));
        Refused.Delta(DocumentError.WrongType, document, d => d.Remove(path));
        Refused.Delta(DocumentError.WrongType, document, d => d.Clear(path));
    }

    [Fact]
    public void Removing_a_key_that_is_not_there_does_nothing() =>
        Edit.After("""{"a":1}""", d => { d.Remove("b"); d.Remove("b.c[3].d"); }).ShouldBe("""{"a":1}""");

    [Fact]
    public void Removing_a_key_or_item_takes_it_away() =>
        Edit.After("""{"a":1,"b":[1,2,3]}""", d => { d.Remove("a"); d.Remove("b[1]"); }).ShouldBe("""{"b":[1,3]}""");

    [Fact]
    public void Removing_an_item_that_is_not_there_is_refused() =>
        Refused.Delta(DocumentError.IndexOutOfRange, Edit.Json("""{"l":[1]}"""), d => d.Remove("l[1]"));

    [Fact]
    public void An_insert_goes_before_the_index_or_to_the_end() =>
        Edit.After("""{"l":[1]}""", d => { d.Insert("l[0]", 0); d.Insert("l[2]", 2); }).ShouldBe("""{"l":[0,1,2]}""");

    [Fact]
    public void An_insert_behind_the_end_is_refused() =>
        Refused.Delta(DocumentError.IndexOutOfRange, Edit.Json("""{"l":[1]}"""), d => d.Insert("l[2]", 2));

    [Fact]
    public void An_insert_needs_its_list() =>
        Refused.Delta(DocumentError.PathNotFound, new Document(), d => d.Insert("l[0]", 0));

    [Fact]
    public void Clearing_empties_a_map_a_list_or_the_document()
    {
        Edit.After("""{"l":[1],"m":{"x":1}}""", d => { d.Clear("l"); d.Clear("m"); }).ShouldBe("""{"l":[],"m":{}}""");
        Edit.After("""{"l":[1],"m":{"x":1}}""", d => { d.Clear(Path.Root); d.Set("a", 1); }).ShouldBe("""{"a":1}""");
    }

    [Fact]
    public void Clearing_what_is_not_there_does_nothing() => Edit.After("{}", d => d.Clear("a.b")).ShouldBe("{}");

    [Fact]
    public void Clearing_a_scalar_is_refused() => Refused.Delta(DocumentError.WrongType, Edit.Json("""{"a":1}"""), d => d.Clear("a"));

    [Fact]
    public void Only_a_clear_may_have_the_root()
    {
        var writer = new DeltaWriter();
        Refused.With(DocumentError.InvalidPath, () => writer.Set(Path.Root, 1));
        Refused.With(DocumentError.InvalidPath, () => writer.Remove(Path.Root));
        Refused.With(DocumentError.InvalidPath, () => writer.Increment(Path.Root, 1));
        Refused.With(DocumentError.InvalidPath, () => writer.Insert(Path.Root, 1));
        Refused.With(DocumentError.InvalidPath, () => writer.Insert("a", 1));
        Refused.With(DocumentError.NullValue, () => writer.Set("a", default));
        writer.IsEmpty.ShouldBeTrue();
        Delta.Validate([1, 1, 1, 0, 3], DocumentLimits.Default).ShouldBe(DocumentError.InvalidPath);
        Delta.Validate([1, 1, 4, 1, 2, (byte)'a', 3], DocumentLimits.Default).ShouldBe(DocumentError.InvalidPath);
        Delta.TryApply(Edit.Json("""{"a":{}}"""), [1, 1, 4, 2, 2, (byte)'a', 2, (byte)'a', 3], DocumentLimits.Default, new UndoLog()).ShouldBe(DocumentError.InvalidPath);
    }

    [Fact]
    public void A_delta_of_several_operations_applies_whole_or_not_at_all()
    {
        var document = Edit.Json("""{"gold":5}""");
        var delta = Edit.Delta(d => { d.Set("a.b", 1); d.Clear("a"); d.Increment("gold", -6, min: 0); d.Set("c", 1); });
        var before = document.ToBytes();
        Delta.TryApply(document, delta, DocumentLimits.Default, new UndoLog(), out var failed).ShouldBe(DocumentError.OutOfBounds);
        failed.ShouldBe(2);
        document.ToBytes().ShouldBe(before);
        Refused.With(DocumentError.OutOfBounds, () => Delta.Apply(document, delta)).Path.ShouldBe("gold");
    }

    [Fact]
    public void The_size_stays_exact_where_a_count_gets_a_byte_longer()
    {
        var document = Edit.Json("""{"l":[],"m":{}}""");
        var undo = new UndoLog();
        for (var i = 0; i < 130; i++)
        {
            Delta.TryApply(document, Edit.Delta(d => { d.Insert(Path.Parse("l").Child(0), i); d.Set(Path.Parse("m").Child("k" + i), i); }), DocumentLimits.Default, undo).ShouldBe(DocumentError.None);
            document.EncodedSize.ShouldBe(document.Clone().Encode(new byte[4096]));
        }
        for (var i = 129; i > 100; i--)
        {
            Delta.TryApply(document, Edit.Delta(d => { d.Remove("l[0]"); d.Remove(Path.Parse("m").Child("k" + i)); }), DocumentLimits.Default, undo).ShouldBe(DocumentError.None);
            document.EncodedSize.ShouldBe(document.Clone().Encode(new byte[4096]));
        }
        undo.RollBackTo(0);
        DocumentJson.ToText(document).ShouldBe("""{"l":[],"m":{}}""");
        document.EncodedSize.ShouldBe(document.ToBytes().Length);
    }

    [Fact]
    public void Scalars_are_changed_without_allocation()
    {
        var document = Edit.Json("""{"a":1,"currency":{"gems":1,"gold":1},"flag":true,"list":[1.5],"z":0}""");
        var delta = Edit.Delta(d => { d.Increment("currency.gold", 1, min: 0); d.Set("flag", false); d.Set("flag", true); d.Increment("list[0]", 0.5); d.Remove("nothing"); });
        var undo = new UndoLog();
        long before = 0;
        for (var round = 0; round < 3; round++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            Delta.TryApply(document, delta, DocumentLimits.Default, undo);
            Delta.Validate(delta, DocumentLimits.Default);
            undo.RollBackTo(0);
        }
        GC.GetAllocatedBytesForCurrentThread().ShouldBe(before);
    }

    [Fact]
    public void A_log_forgets_what_it_is_cleared_of()
    {
        var document = new Document();
        var undo = new UndoLog();
        Delta.TryApply(document, Edit.Delta(d => { for (var i = 0; i < 3000; i++) d.Set("k" + i, i); }), DocumentLimits.Default, undo);
        undo.Count.ShouldBe(3000);
        undo.Clear();
        undo.Count.ShouldBe(0);
        Should.Throw<ArgumentOutOfRangeException>(() => undo.RollBackTo(1));
        document.Root.Count.ShouldBe(3000);
    }
}
