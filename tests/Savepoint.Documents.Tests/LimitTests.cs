namespace Savepoint.Documents.Tests;

public sealed class LimitTests
{
    private static readonly DocumentLimits Default = DocumentLimits.Default;

    [Fact]
    public void Sixteen_levels_are_allowed_and_seventeen_are_not()
    {
        // The root map is the first level.
        var allowed = new Document(new MapBuilder { ["a"] = Edit.Nested(15) }.Build());
        Document.Decode(allowed.ToBytes()).ContentEquals(allowed).ShouldBeTrue();
        DocumentJson.Parse(DocumentJson.ToText(allowed)).ContentEquals(allowed).ShouldBeTrue();
        Edit.Try(new Document(), d => d.Set("a", Edit.Nested(15))).ShouldBe(DocumentError.None);

        var deep = new MapBuilder { ["a"] = Edit.Nested(16) }.Build();
        var bytes = new Document(deep, Default with { MaxDepth = 17 }).ToBytes();
        Refused.With(DocumentError.TooDeep, () => new Document(deep));
        Document.TryDecode(bytes, Default, out _).ShouldBe(DocumentError.TooDeep);
        Refused.With(DocumentError.TooDeep, () => DocumentJson.Parse("""{"a":""" + new string('[', 16) + new string(']', 16) + "}"));
        Refused.Delta(DocumentError.TooDeep, new Document(), d => d.Set("a", Edit.Nested(16)));
        Refused.Delta(DocumentError.TooDeep, new Document(), d => d.Set("a.b", Edit.Nested(15)));
    }

    [Fact]
    public void A_path_may_have_sixteen_steps()
    {
        var sixteen = Path.Parse(string.Join('.', Enumerable.Repeat("a", 16)));
        var document = new Document();
        Edit.Try(document, d => d.Set(sixteen, 1)).ShouldBe(DocumentError.None);
        Document.Decode(document.ToBytes()).Get(sixteen).ShouldBe(1);
        Refused.Delta(DocumentError.TooDeep, new Document(), d => d.Set(sixteen.Child("a"), 1));
        Refused.Delta(DocumentError.TooDeep, new Document(), d => d.Set(sixteen, Value.FromList()));
    }

    [Fact]
    public void Moments_and_bytes_may_stand_on_the_deepest_level_in_JSON()
    {
        var sixteen = Path.Parse(string.Join('.', Enumerable.Repeat("a", 16)));
        var document = new Document();
        Edit.Try(document, d => d.Set(sixteen, DateTimeOffset.UnixEpoch)).ShouldBe(DocumentError.None);
        DocumentJson.Parse(DocumentJson.ToText(document)).ContentEquals(document).ShouldBeTrue();
    }

    [Fact]
    public void A_key_has_at_most_128_UTF16_units()
    {
        // In UTF-8 these are 384 bytes.
        var allowed = new string('漢', 128);
        var document = new Document();
        Edit.Try(document, d => d.Set(Path.Root.Child(allowed), 1)).ShouldBe(DocumentError.None);
        Document.Decode(document.ToBytes()).Root[allowed].ShouldBe(1);

        var tooLong = allowed + "a";
        Refused.Delta(DocumentError.KeyTooLong, new Document(), d => d.Set(Path.Root.Child(tooLong), 1));
        Refused.Delta(DocumentError.KeyTooLong, new Document(), d => d.Remove(Path.Root.Child(tooLong)));
        Refused.Delta(DocumentError.KeyTooLong, new Document(), d => d.Set("a", new MapBuilder { [tooLong] = 1 }));
        Refused.With(DocumentError.KeyTooLong, () => new Document(new MapBuilder { [tooLong] = 1 }.Build()));
        Refused.With(DocumentError.KeyTooLong, () => DocumentJson.Parse("{\"" + tooLong + "\":1}"));
        var bytes = new Document(new MapBuilder { [tooLong] = 1 }.Build(), Default with { MaxKeyLength = 200 }).ToBytes();
        Document.TryDecode(bytes, Default, out _).ShouldBe(DocumentError.KeyTooLong);
    }

    [Fact]
    public void A_document_has_at_most_one_MiB()
    {
        // Format, count, key with length, tag and length of the text.
        var overhead = 1 + 1 + 2 + 1 + 3;
        var full = new string('x', Default.MaxDocumentBytes - overhead);
        var document = new Document();
        Edit.Try(document, d => d.Set("a", full)).ShouldBe(DocumentError.None);
        document.EncodedSize.ShouldBe(1 << 20);
        Document.Decode(document.ToBytes()).EncodedSize.ShouldBe(1 << 20);

        Refused.Delta(DocumentError.TooLarge, new Document(), d => d.Set("a", full + "x"));
        Refused.Delta(DocumentError.TooLarge, document, d => d.Set("b", 1));
        Refused.With(DocumentError.TooLarge, () => new Document(new MapBuilder { ["a"] = full + "x" }.Build()));
        Refused.With(DocumentError.TooLarge, () => DocumentJson.Parse("{\"a\":\"" + full + "x\"}"));
        Document.TryDecode(new byte[(1 << 20) + 1], Default, out _).ShouldBe(DocumentError.TooLarge);
    }

    [Fact]
    public void One_delta_may_make_room_and_use_it()
    {
        var limits = Default with { MaxDocumentBytes = 100 };
        var document = new Document(new MapBuilder { ["a"] = new string('x', 80) }.Build());
        Edit.Try(document, d => { d.Set("b", new string('y', 80)); d.Remove("a"); }, limits).ShouldBe(DocumentError.None);
    }

    [Fact]
    public void A_document_over_a_lowered_limit_may_shrink_and_not_grow()
    {
        var limits = Default with { MaxDocumentBytes = 10 };
        var document = new Document(new MapBuilder { ["a"] = new string('x', 80), ["b"] = 1 }.Build());
        Refused.Delta(DocumentError.TooLarge, document, d => d.Set("c", 1), limits);
        Edit.Try(document, d => d.Remove("b"), limits).ShouldBe(DocumentError.None);
    }

    [Fact]
    public void Lists_maps_and_deltas_have_their_most_items()
    {
        var limits = Default with { MaxListLength = 2, MaxMapLength = 2, MaxDeltaOperations = 3, MaxDeltaBytes = 60 };
        var document = Edit.Json("""{"l":[1,2],"m":{"a":1,"b":2}}""");
        Refused.Delta(DocumentError.TooManyItems, document, d => d.Insert("l[2]", 3), limits);
        Refused.Delta(DocumentError.TooManyItems, document, d => d.Set("m.c", 3), limits);
        Refused.Delta(DocumentError.TooManyItems, document, d => d.Set("m.c.d", 3), limits);
        Refused.Delta(DocumentError.TooManyItems, document, d => d.Set("l", Value.FromList(1, 2, 3)), limits);
        Refused.Delta(DocumentError.TooManyItems, document, d => { d.Remove("a"); d.Remove("a"); d.Remove("a"); d.Remove("a"); }, limits);
        Refused.Delta(DocumentError.TooLarge, document, d => d.Set("l", new string('x', 60)), limits);
        Document.TryDecode(Edit.Json("""{"a":1,"b":2,"c":3}""").ToBytes(), limits, out _).ShouldBe(DocumentError.TooManyItems);
        Refused.With(DocumentError.TooManyItems, () => DocumentJson.Parse("""{"a":[1,2,3]}""", limits));
        Refused.With(DocumentError.TooManyItems, () => DocumentJson.Parse("""{"a":1,"b":2,"c":3}""", limits));
        Refused.With(DocumentError.TooManyItems, () => new Document(Edit.Json("""{"a":[1,2,3]}""").Root, limits));
        document.Check(limits).ShouldBe(DocumentError.None);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void A_limit_stays_within_what_is_safe(int depth) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Default with { MaxDepth = depth });
}
