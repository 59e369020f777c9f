namespace Savepoint.Documents.Tests;

public sealed class DeltaReaderTests
{
    [Fact]
    public void Operations_are_read_with_all_they_carry()
    {
        var delta = Edit.Delta(d =>
        {
            d.Set("a.b", Value.FromList(1, 2));
            d.Increment("gold", -5, min: 0);
            d.Increment("speed", 0.5, max: 9.0);
            d.Insert("l[3]", "x");
            d.Remove("r");
            d.Clear(Path.Root);
        });
        var seen = new List<string>();
        foreach (var operation in new DeltaReader(delta))
            seen.Add($"{operation.Kind} '{operation.Path.ToPath()}' {operation.GetValue()} {operation.Amount} {operation.Min} {operation.Max}");
        seen.ShouldBe([
            "Set 'a.b' list of 2 (none) (none) (none)",
            "Increment 'gold' (none) -5 0 (none)",
            "Increment 'speed' (none) 0.5 (none) 9",
            "Insert 'l[3]' x (none) (none) (none)",
            "Remove 'r' (none) (none) (none) (none)",
            "Clear '' (none) (none) (none) (none)",
        ]);
        new DeltaReader(delta).OperationCount.ShouldBe(6);
    }

    [Fact]
    public void Operations_are_classified_by_path_without_allocation()
    {
        var delta = Edit.Delta(d => { d.Increment("currency.gold", 1); d.Set("currency", 1); d.Set("currencies", 1); d.Clear(Path.Root); });
        Path currency = "currency";
        Path gold = "currency.gold";
        int below = 0, touching = 0, first = 0;
        long before = 0;
        for (var round = 0; round < 2; round++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            below = touching = first = 0;
            foreach (var operation in new DeltaReader(delta))
            {
                below += operation.Path.StartsWith(currency) ? 1 : 0;
                touching += operation.Path.Overlaps(gold) ? 1 : 0;
                first += operation.Path.Count > 0 && operation.Path.First.Utf8Key.SequenceEqual("currency"u8) ? 1 : 0;
            }
        }
        GC.GetAllocatedBytesForCurrentThread().ShouldBe(before);
        below.ShouldBe(2);
        touching.ShouldBe(3);
        first.ShouldBe(2);
    }

    [Fact]
    public void Deltas_are_joined_in_order()
    {
        var writer = new DeltaWriter();
        writer.Set("a", 1);
        writer.Append(Edit.Delta(d => { d.Increment("a", 1); d.Set("b", 1); }));
        writer.OperationCount.ShouldBe(3);
        var document = new Document();
        Delta.Apply(document, writer.WrittenSpan);
        DocumentJson.ToText(document).ShouldBe("""{"a":2,"b":1}""");
    }

    [Fact]
    public void A_writer_starts_anew_after_a_reset()
    {
        var writer = new DeltaWriter(capacity: 1);
        for (var i = 0; i < 300; i++)
            writer.Set("key" + i, "some text");
        new DeltaReader(writer.WrittenSpan).OperationCount.ShouldBe(300);
        writer.Reset();
        writer.IsEmpty.ShouldBeTrue();
        writer.ToArray().ShouldBe([1, 0]);
    }

    [Fact]
    public void What_is_no_delta_is_refused()
    {
        Delta.Validate([], DocumentLimits.Default).ShouldBe(DocumentError.Malformed);
        Delta.Validate([2, 0], DocumentLimits.Default).ShouldBe(DocumentError.UnsupportedFormat);
        Delta.Validate([1, 0, 0], DocumentLimits.Default).ShouldBe(DocumentError.Malformed);
        Delta.Validate([1, 1, 0, 1, 2, 97], DocumentLimits.Default).ShouldBe(DocumentError.Malformed);
        Delta.Validate([1, 1, 6, 1, 2, 97], DocumentLimits.Default).ShouldBe(DocumentError.Malformed);
        Refused.With(DocumentError.Malformed, () => new DeltaReader([1, 5]).MoveNext());
        Refused.With(DocumentError.Malformed, () => new DeltaReader([1, 0, 0]).MoveNext());
        Delta.PathOf([1, 5], 0).ShouldBeNull();
        Delta.PathOf(Edit.Delta(d => d.Remove("a")), 1).ShouldBeNull();
    }
}
