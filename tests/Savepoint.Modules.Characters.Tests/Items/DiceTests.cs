using Savepoint.Modules.Characters.Items;

namespace Savepoint.Modules.Characters.Tests;

public sealed class DiceTests
{
    [Theory]
    [InlineData("1", 1, 1)]
    [InlineData("1d4", 1, 4)]
    [InlineData("2d6", 2, 6)]
    [InlineData("100d100", 100, 100)]
    public void Dice_are_read_and_written_in_one_form(string text, int count, int sides)
    {
        Dice.TryParse(text, out var dice).ShouldBeTrue();
        dice.ShouldBe(new Dice(count, sides));
        dice.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("d6")]
    [InlineData("1d")]
    [InlineData("2")]
    [InlineData("0d6")]
    [InlineData("101d6")]
    [InlineData("1d7")]
    [InlineData("-1d6")]
    [InlineData("+1d6")]
    [InlineData(" 1d6")]
    [InlineData("1D6")]
    [InlineData("1d6d6")]
    [InlineData("1d6+1")]
    [InlineData("99999999999d6")]
    public void Nothing_else_is_dice(string text) => Dice.TryParse(text, out _).ShouldBeFalse();
}
