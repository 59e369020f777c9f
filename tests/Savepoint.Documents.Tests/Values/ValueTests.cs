using System.Runtime.CompilerServices;

namespace Savepoint.Documents.Tests;

public sealed class ValueTests
{
    [Fact]
    public void A_value_takes_sixteen_bytes() => Unsafe.SizeOf<Value>().ShouldBe(16);

    [Fact]
    public void The_default_is_absent()
    {
        default(Value).Kind.ShouldBe(ValueKind.None);
        default(Value).IsNone.ShouldBeTrue();
        default(Value).EncodedSize.ShouldBe(0);
        default(Value).ShouldBe(default);
    }

    [Fact]
    public void Each_kind_gives_back_what_was_put_in()
    {
        var moment = new DateTimeOffset(2026, 1, 31, 23, 59, 59, TimeSpan.FromHours(5)).AddTicks(1234567);
        ((Value)long.MinValue).AsInt64().ShouldBe(long.MinValue);
        ((Value)0.1).AsDouble().ShouldBe(0.1);
        ((Value)true).AsBoolean().ShouldBeTrue();
        ((Value)"漢\U0001F600").AsString().ShouldBe("漢\U0001F600");
        ((Value)moment).AsTimestamp().ShouldBe(moment);
        Value.From(new byte[] { 1, 2 }).AsBytes().ToArray().ShouldBe([1, 2]);
        Value.FromList(1, "a").AsList().Count.ShouldBe(2);
        Value.FromMap(new MapBuilder { ["a"] = 1 }).AsMap()["a"].ShouldBe(1);
    }

    [Fact]
    public void A_moment_is_kept_in_UTC_to_100_ns()
    {
        var stored = Value.From(new DateTimeOffset(2026, 1, 31, 2, 0, 0, TimeSpan.FromHours(5)).AddTicks(1)).AsTimestamp();
        stored.Offset.ShouldBe(TimeSpan.Zero);
        stored.UtcTicks.ShouldBe(new DateTimeOffset(2026, 1, 30, 21, 0, 0, TimeSpan.Zero).UtcTicks + 1);
        Value.From(DateTimeOffset.MinValue).AsTimestamp().ShouldBe(DateTimeOffset.MinValue);
        Value.From(DateTimeOffset.MaxValue).AsTimestamp().ShouldBe(DateTimeOffset.MaxValue);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_double_is_finite(double number) => Refused.With(DocumentError.NotFinite, () => Value.From(number));

    [Fact]
    public void Negative_zero_becomes_zero() =>
        BitConverter.DoubleToInt64Bits(Value.From(-0.0).AsDouble()).ShouldBe(0);

    [Fact]
    public void Text_has_no_NUL_and_no_lone_surrogate()
    {
        // Not inline data: attributes can't hold lone surrogates.
        foreach (var text in new[] { "\0", "a\0b", "\uD800", "\uDC00\uD800", "a\uD83D", "\uD83Da" })
        {
            Refused.With(DocumentError.InvalidString, () => Value.From(text));
            Refused.With(DocumentError.InvalidString, () => new MapBuilder { [text] = 1 });
            Refused.With(DocumentError.InvalidString, () => Path.Root.Child(text));
        }
    }

    [Fact]
    public void Asking_for_another_kind_is_refused()
    {
        Refused.With(DocumentError.WrongType, () => ((Value)1.0).AsInt64());
        Refused.With(DocumentError.WrongType, () => ((Value)1).AsDouble());
        Refused.With(DocumentError.WrongType, () => ((Value)1).AsBoolean());
        Refused.With(DocumentError.WrongType, () => ((Value)1).AsString());
        Refused.With(DocumentError.WrongType, () => ((Value)1).AsTimestamp());
        Refused.With(DocumentError.WrongType, () => ((Value)1).AsBytes());
        Refused.With(DocumentError.WrongType, () => ((Value)1).AsList());
        Refused.With(DocumentError.WrongType, () => default(Value).AsMap());
        ((Value)"1").TryGetInt64(out _).ShouldBeFalse();
    }

    [Fact]
    public void The_integer_one_is_not_the_double_one_nor_true()
    {
        ((Value)1).ShouldNotBe((Value)1.0);
        ((Value)1).ShouldNotBe((Value)true);
        ((Value)0).ShouldNotBe((Value)DateTimeOffset.UnixEpoch);
        Value.FromList().ShouldNotBe(Value.FromMap(new MapValue()));
    }

    [Fact]
    public void Equality_goes_through_all_levels()
    {
        static Value Make(long gold) => Value.FromMap(new MapBuilder { ["a"] = Value.FromList("x", Value.FromMap(new MapBuilder { ["gold"] = gold })), ["b"] = Value.From(new byte[] { 1 }) });
        Make(5).ShouldBe(Make(5));
        Make(5).GetHashCode().ShouldBe(Make(5).GetHashCode());
        Make(5).ShouldNotBe(Make(6));
    }

    [Fact]
    public void A_clone_does_not_follow_the_document()
    {
        var document = Edit.Json("""{"bag":{"items":[1]}}""");
        var copy = document.Get("bag").DeepClone();
        Edit.Try(document, d => d.Set("bag.items[0]", 2)).ShouldBe(DocumentError.None);
        copy.AsMap()["items"].AsList()[0].ShouldBe(1);
        document.Get("bag.items[0]").ShouldBe(2);
    }

    [Fact]
    public void A_list_or_map_holds_no_absent_value()
    {
        Refused.With(DocumentError.NullValue, () => Value.FromList(default(Value)));
        Refused.With(DocumentError.NullValue, () => new MapBuilder { ["a"] = default });
    }

    [Fact]
    public void A_map_has_each_key_once() => Refused.With(DocumentError.DuplicateKey, () => new MapBuilder { { "a", 1 }, { "a", 2 } });

    [Fact]
    public void Nesting_ends_before_walking_it_gets_unsafe() =>
        Refused.With(DocumentError.TooDeep, () => Edit.Nested(DocumentLimits.DepthCeiling + 1));

    [Fact]
    public void Every_error_has_a_code_of_its_own()
    {
        var codes = Enum.GetValues<DocumentError>().Select(error => error.Code()).ToList();
        codes.ShouldBeUnique();
        codes.ShouldAllBe(code => code.StartsWith("document.", StringComparison.Ordinal));
        codes.ShouldNotContain("document.unknown");
    }
}
