using FsCheck.Fluent;

namespace Savepoint.Documents.Tests;

public sealed class TemplateTests
{
    private sealed class Section(Action<TemplateBuilder> populate) : IPopulator
    {
        public void Populate(TemplateBuilder template) => populate(template);
    }

    private sealed class Currency : IPopulator
    {
        public void Populate(TemplateBuilder template) => template.Set("currency.gold", 100);
    }

    private sealed class Shop : IPopulator
    {
        public void Populate(TemplateBuilder template) => template.Set("currency", 5);
    }

    [Fact]
    public void A_new_document_has_the_defaults_of_every_section()
    {
        var template = Template.From([new Section(t => t.Set("currency.gold", 100)), new Section(t => t.Set("currency.gems", 5).Set("bag", Value.FromList()))], version: 3);
        template.Version.ShouldBe(3);
        DocumentJson.ToText(template.CreateDocument()).ShouldBe("""{"bag":[],"currency":{"gems":5,"gold":100}}""");
    }

    [Fact]
    public void Each_new_document_is_its_own()
    {
        var template = new Template(Edit.Json("""{"a":{"b":1}}"""));
        Edit.Try(template.CreateDocument(), d => d.Set("a.b", 2)).ShouldBe(DocumentError.None);
        template.CreateDocument().Get("a.b").ShouldBe(1);
    }

    [Fact]
    public void Two_sections_that_set_the_same_are_refused()
    {
        var builder = new TemplateBuilder().Set("a.b", 1);
        Refused.With(DocumentError.DuplicateKey, () => builder.Set("a.b", 1));
        Refused.With(DocumentError.DuplicateKey, () => builder.Set("a", 1));
        Refused.With(DocumentError.DuplicateKey, () => builder.Set("a.b.c", 1));
        Refused.With(DocumentError.InvalidPath, () => builder.Set("l[0]", 1));
        DocumentJson.ToText(builder.Build().CreateDocument()).ShouldBe("""{"a":{"b":1}}""");
    }

    [Fact]
    public void Both_sections_that_set_the_same_are_named()
    {
        var twice = Should.Throw<DocumentException>(() => Template.From([new Currency(), new Shop()]));
        twice.Error.ShouldBe(DocumentError.DuplicateKey);
        twice.Message.ShouldBe("document.duplicate_key at 'currency': 'currency.gold' is set already by Currency, and Shop sets it again");
        Should.Throw<DocumentException>(() => new TemplateBuilder().Set("currency", 1).Add(new Currency())).Message
            .ShouldBe("document.duplicate_key at 'currency.gold': 'currency' is set already, and Currency sets it again");
    }

    [Theory]
    [InlineData("{}", """{"bag":[1],"currency":{"gems":5,"gold":100},"name":"new"}""")]
    [InlineData("""{"currency":{"gold":7}}""", """{"bag":[1],"currency":{"gems":5,"gold":7},"name":"new"}""")]
    [InlineData("""{"bag":[],"currency":true,"name":1.5,"own":{"x":1}}""", """{"bag":[],"currency":true,"name":1.5,"own":{"x":1}}""")]
    public void Only_what_is_missing_is_filled_in(string existing, string reconciled)
    {
        var template = new Template(Edit.Json("""{"bag":[1],"currency":{"gems":5,"gold":100},"name":"new"}"""));
        var document = Edit.Json(existing);
        var delta = new DeltaWriter();
        template.Reconcile(document, delta).ShouldBe(existing != reconciled);
        Delta.Apply(document, delta.WrittenSpan);
        DocumentJson.ToText(document).ShouldBe(reconciled);
    }

    [Fact]
    public void Reconciling_never_overwrites_leaves_nothing_out_and_has_nothing_to_do_twice() => Property.Holds(
        from defaults in Samples.Document
        from existing in Samples.Document
        select (defaults, existing),
        pair =>
        {
            var template = new Template(pair.defaults);
            var document = pair.existing.Clone();
            var delta = new DeltaWriter();
            var missing = template.Reconcile(document, delta);
            missing.ShouldBe(!delta.IsEmpty);
            document.ContentEquals(pair.existing).ShouldBeTrue();

            Delta.Apply(document, delta.WrittenSpan);
            ShouldHaveKept(pair.existing.Root, document.Root);
            ShouldHave(pair.defaults.Root, document.Root);

            delta.Reset();
            template.Reconcile(document, delta).ShouldBeFalse();
            delta.IsEmpty.ShouldBeTrue();
        });

    [Fact]
    public void A_document_that_misses_nothing_is_passed_without_allocation()
    {
        var template = new Template(Edit.Json("""{"a":{"b":{"c":1}},"d":2}"""));
        var document = template.CreateDocument();
        var delta = new DeltaWriter();
        template.Reconcile(document, delta);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var missing = template.Reconcile(document, delta);
        GC.GetAllocatedBytesForCurrentThread().ShouldBe(before);
        missing.ShouldBeFalse();
    }

    private static void ShouldHaveKept(MapValue before, MapValue after)
    {
        foreach (var (key, value) in before)
        {
            if (value.TryGetMap(out var map))
                ShouldHaveKept(map, after[key].AsMap());
            else
                after[key].ShouldBe(value);
        }
    }

    private static void ShouldHave(MapValue defaults, MapValue after)
    {
        foreach (var (key, value) in defaults)
        {
            after.ContainsKey(key).ShouldBeTrue();
            if (value.TryGetMap(out var map) && after[key].TryGetMap(out var present))
                ShouldHave(map, present);
        }
    }
}
