using FsCheck.Fluent;

namespace Savepoint.Documents.Tests;

public sealed class PathTests
{
    [Theory]
    [InlineData("")]
    [InlineData("currency.gold")]
    [InlineData("items[3].name")]
    [InlineData("stats[\"a.b\"]")]
    [InlineData("[\"\"].x")]
    [InlineData("[0][1]")]
    [InlineData("a[\"say \\\"hi\\\" \\\\\"]")]
    [InlineData("ключ.漢")]
    [InlineData("a[2147483647]")]
    public void The_text_of_a_path_reads_back(string text) => Path.Parse(text).ToString().ShouldBe(text);

    [Theory]
    [InlineData(".")]
    [InlineData("a.")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("a[")]
    [InlineData("a[]")]
    [InlineData("a[-1]")]
    [InlineData("a[01]")]
    [InlineData("a[2147483648]")]
    [InlineData("a[99999999999999999999]")]
    [InlineData("a[1")]
    [InlineData("a[1]b")]
    [InlineData("a]")]
    [InlineData("a b")]
    [InlineData("a\"b")]
    [InlineData("a[\"b]")]
    [InlineData("a[\"b\"")]
    [InlineData("a[\"\\n\"]")]
    [InlineData("a[\"b\"c]")]
    public void What_is_no_path_is_refused(string text)
    {
        Refused.With(DocumentError.InvalidPath, () => Path.Parse(text));
        Path.TryParse(text, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_key_in_a_path_is_valid_text() => Refused.With(DocumentError.InvalidString, () => Path.Parse("a\uD800"));

    [Fact]
    public void A_quoted_plain_key_is_the_plain_key() => Path.Parse("[\"a\"].b").ShouldBe(Path.Parse("a.b"));

    [Fact]
    public void A_negative_index_is_refused() => Refused.With(DocumentError.InvalidPath, () => Path.Root.Child(-1));

    [Fact]
    public void A_path_starts_with_itself_and_what_is_above_it()
    {
        Path path = "items[3].name";
        path.StartsWith(path).ShouldBeTrue();
        path.StartsWith("items[3]").ShouldBeTrue();
        path.StartsWith("items").ShouldBeTrue();
        path.StartsWith(Path.Root).ShouldBeTrue();
        path.StartsWith("item").ShouldBeFalse();
        path.StartsWith("items[3].name.first").ShouldBeFalse();
        path.StartsWith("items[\"3\"]").ShouldBeFalse();
    }

    [Fact]
    public void A_path_knows_its_steps()
    {
        Path path = "items[3].name";
        path.Count.ShouldBe(3);
        path.Segments[0].Key.ShouldBe("items");
        path.Segments[1].Index.ShouldBe(3);
        path.Segments[1].IsIndex.ShouldBeTrue();
        path.Parent.ShouldBe("items[3]");
        path.Parent.Child("name").ShouldBe(path);
        path.GetHashCode().ShouldBe(Path.Parse("items[3].name").GetHashCode());
    }

    [Fact]
    public void Any_path_reads_back_from_its_text_and_leads_to_its_value() => Property.Holds(Samples.Document, Samples.Smaller, document =>
    {
        foreach (var path in Model.PathsOf(document))
        {
            Path.Parse(path.ToString()).ShouldBe(path);
            document.TryGet(path, out var value).ShouldBeTrue();
            value.IsNone.ShouldBeFalse();
        }
    });

    [Fact]
    public void A_path_is_below_another_exactly_when_its_steps_begin_with_the_others() => Property.Holds(
        from left in Samples.Document
        from right in Samples.Document
        select (left, right),
        pair =>
        {
            foreach (var one in Model.PathsOf(pair.left))
            {
                foreach (var other in Model.PathsOf(pair.right))
                    one.StartsWith(other).ShouldBe(one.Segments.StartsWith(other.Segments));
            }
        });
}
