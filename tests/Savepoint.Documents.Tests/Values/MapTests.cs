namespace Savepoint.Documents.Tests;

public sealed class MapTests
{
    [Fact]
    public void Keys_are_in_ordinal_order_of_UTF16_where_UTF8_would_differ()
    {
        var map = new MapBuilder { ["\uE000"] = 1, ["\U0001F600"] = 2, ["b"] = 3, ["B"] = 4, [""] = 5 }.Build();
        map.Select(entry => entry.Key).ShouldBe(["", "B", "b", "\U0001F600", "\uE000"]);
    }

    [Fact]
    public void A_key_is_found_by_its_characters_without_allocation()
    {
        var map = new MapBuilder { ["gold"] = 1, ["gems"] = 2, ["xp"] = 3 }.Build();
        map.TryGet("gold".AsSpan(), out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = map.TryGet("a gem: gems".AsSpan(7), out var gems);
        GC.GetAllocatedBytesForCurrentThread().ShouldBe(before);
        found.ShouldBeTrue();
        gems.ShouldBe(2);
    }

    [Fact]
    public void A_missing_key_is_refused_by_the_indexer_and_answered_by_TryGet()
    {
        var map = new MapBuilder { ["a"] = 1 }.Build();
        Refused.With(DocumentError.PathNotFound, () => map["b"]);
        map.TryGet("b", out var value).ShouldBeFalse();
        value.IsNone.ShouldBeTrue();
        Should.Throw<IndexOutOfRangeException>(() => map.KeyAt(1));
        Should.Throw<IndexOutOfRangeException>(() => map.ValueAt(1));
    }

    [Fact]
    public void Documents_share_their_key_strings()
    {
        var bytes = Edit.Json("""{"aRatherCommonKey":1}""").ToBytes();
        Document.Decode(bytes).Root.KeyAt(0).ShouldBeSameAs(Document.Decode(bytes).Root.KeyAt(0));
    }

    [Fact]
    public void Maps_that_share_their_keys_do_not_share_their_changes()
    {
        var bytes = Edit.Json("""{"a":1,"b":2,"c":3}""").ToBytes();
        Document[] documents = [Document.Decode(bytes), Document.Decode(bytes), Document.Decode(bytes).Clone()];
        Edit.Try(documents[0], d => d.Remove("a")).ShouldBe(DocumentError.None);
        Edit.Try(documents[1], d => { d.Set("aa", 9); d.Set("b", 8); }).ShouldBe(DocumentError.None);
        Edit.Try(documents[2], d => { d.Clear(Path.Root); d.Set("z", 7); }).ShouldBe(DocumentError.None);
        documents.Append(Document.Decode(bytes)).Select(d => DocumentJson.ToText(d)).ShouldBe([
            """{"b":2,"c":3}""",
            """{"a":1,"aa":9,"b":8,"c":3}""",
            """{"z":7}""",
            """{"a":1,"b":2,"c":3}""",
        ]);
    }

    [Fact]
    public void A_clone_keeps_its_keys_when_the_original_changes_its_own()
    {
        var document = Edit.Json("""{"a":1,"b":2}""");
        Edit.Try(document, d => d.Set("c", 3)).ShouldBe(DocumentError.None);
        var clone = document.Clone();
        Edit.Try(document, d => d.Remove("a")).ShouldBe(DocumentError.None);
        DocumentJson.ToText(clone).ShouldBe("""{"a":1,"b":2,"c":3}""");
    }

    [Fact]
    public void Any_number_of_different_keys_is_right_though_few_are_shared()
    {
        for (var i = 0; i < 100_000; i++)
        {
            var key = "key" + i;
            KeyTable.Share(key.AsSpan()).ShouldBe(key);
        }
    }

    [Fact]
    public void A_built_map_does_not_follow_its_builder()
    {
        var builder = new MapBuilder { ["a"] = 1 };
        var map = builder.Build();
        builder["b"] = 2;
        map.Count.ShouldBe(1);
    }

    [Fact]
    public void Enumerating_allocates_nothing()
    {
        var map = new MapBuilder { ["a"] = 1, ["b"] = 2 }.Build();
        var list = new ListValue([1, 2]);
        var sum = 0L;
        long before = 0;
        for (var round = 0; round < 2; round++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var (_, value) in map)
                sum += value.AsInt64();
            foreach (var value in list)
                sum += value.AsInt64();
        }
        GC.GetAllocatedBytesForCurrentThread().ShouldBe(before);
        sum.ShouldBe(12);
    }
}
