using Savepoint.Streams.Requests;

namespace Savepoint.Streams.Tests;

/// <summary>Reasons that are too long for a unit.</summary>
public sealed class ReasonTests
{
    [Theory]
    [InlineData(62, 64)]
    [InlineData(63, 63)]
    [InlineData(64, 64)]
    public void A_long_reason_is_cut_between_two_characters(int before, int length) =>
        UnitReason.Shorten(new string('x', before) + "\U0001F409 cheats").ShouldBe((new string('x', before) + "\U0001F409")[..length]);

    [Fact]
    public void A_reason_that_fits_stays_and_none_is_none()
    {
        UnitReason.Shorten(new string('x', UnitReason.MaxLength)).ShouldBe(new string('x', UnitReason.MaxLength));
        UnitReason.Shorten(null).ShouldBeNull();
    }
}
