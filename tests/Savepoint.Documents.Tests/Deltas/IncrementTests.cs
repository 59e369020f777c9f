namespace Savepoint.Documents.Tests;

public sealed class IncrementTests
{
    [Fact]
    public void A_missing_number_starts_from_zero_of_its_type()
    {
        Edit.After("{}", d => d.Increment("a.b", 5)).ShouldBe("""{"a":{"b":5}}""");
        Edit.After("{}", d => d.Increment("a", 0.5)).ShouldBe("""{"a":0.5}""");
        Edit.After("{}", d => d.Increment("a", 0)).ShouldBe("""{"a":0}""");
    }

    [Fact]
    public void Integers_and_doubles_are_never_mixed()
    {
        Refused.Delta(DocumentError.WrongType, Edit.Json("""{"a":1}"""), d => d.Increment("a", 1.0));
        Refused.Delta(DocumentError.WrongType, Edit.Json("""{"a":1.0}"""), d => d.Increment("a", 1));
        Refused.Delta(DocumentError.WrongType, Edit.Json("""{"a":true}"""), d => d.Increment("a", 1));
        Refused.Delta(DocumentError.WrongType, Edit.Json("""{"a":{}}"""), d => d.Increment("a", 1));
    }

    [Theory]
    [InlineData(long.MaxValue, 1)]
    [InlineData(long.MinValue, -1)]
    [InlineData(long.MinValue, long.MinValue)]
    public void An_integer_never_wraps_around(long start, long amount) =>
        Refused.Delta(DocumentError.Overflow, new Document(new MapBuilder { ["a"] = start }.Build()), d => d.Increment("a", amount));

    [Fact]
    public void An_integer_may_reach_its_ends()
    {
        Edit.After("""{"a":9223372036854775806}""", d => d.Increment("a", 1)).ShouldBe("""{"a":9223372036854775807}""");
        Edit.After("""{"a":-1}""", d => d.Increment("a", long.MinValue + 1)).ShouldBe("""{"a":-9223372036854775808}""");
    }

    [Fact]
    public void A_double_never_gets_infinite() =>
        Refused.Delta(DocumentError.Overflow, new Document(new MapBuilder { ["a"] = double.MaxValue }.Build()), d => d.Increment("a", double.MaxValue));

    [Fact]
    public void A_sum_may_be_at_its_bounds_and_not_beyond()
    {
        Edit.After("""{"a":5}""", d => d.Increment("a", -5, min: 0)).ShouldBe("""{"a":0}""");
        Edit.After("""{"a":5}""", d => d.Increment("a", 5, max: 10)).ShouldBe("""{"a":10}""");
        Edit.After("""{"a":0.5}""", d => d.Increment("a", 0.5, 0, 1)).ShouldBe("""{"a":1.0}""");
        Refused.Delta(DocumentError.OutOfBounds, Edit.Json("""{"a":5}"""), d => d.Increment("a", -6, min: 0));
        Refused.Delta(DocumentError.OutOfBounds, Edit.Json("""{"a":5}"""), d => d.Increment("a", 6, max: 10));
        Refused.Delta(DocumentError.OutOfBounds, Edit.Json("""{"a":0.5}"""), d => d.Increment("a", 0.6, max: 1.0));
        Refused.Delta(DocumentError.OutOfBounds, new Document(), d => d.Increment("a", -1, min: 0));
    }

    [Fact]
    public void Bounds_that_cross_are_refused()
    {
        Should.Throw<ArgumentException>(() => new DeltaWriter().Increment("a", 1, min: 2, max: 1));
        byte[] crossed = [1, 1, 3, 1, 2, (byte)'a', 6, 2, 4, 2];
        Delta.Validate(crossed, DocumentLimits.Default).ShouldBe(DocumentError.Malformed);
    }

    [Fact]
    public void An_amount_is_finite() => Refused.With(DocumentError.NotFinite, () => new DeltaWriter().Increment("a", double.NaN));
}
