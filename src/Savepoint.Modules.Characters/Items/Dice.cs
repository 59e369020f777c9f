using System.Globalization;

namespace Savepoint.Modules.Characters.Items;

/// <summary>Dice that are rolled together and added, such as 2d6; one die with one side is the constant 1.</summary>
/// <param name="Count">How many dice.</param>
/// <param name="Sides">The sides of each.</param>
public readonly record struct Dice(int Count, int Sides)
{
    private const int MostDice = 100;
    private static readonly int[] Known = [4, 6, 8, 10, 12, 20, 100];

    /// <summary>Reads dice such as <c>2d6</c>, or the constant <c>1</c>.</summary>
    /// <param name="text">The text: 1 to 100 dice with 4, 6, 8, 10, 12, 20 or 100 sides.</param>
    /// <param name="dice">The dice.</param>
    /// <returns>Whether the text is of this form.</returns>
    public static bool TryParse(string text, out Dice dice)
    {
        dice = new Dice(1, 1);
        if (text == "1")
            return true;
        var parts = text.Split('d');
        if (parts.Length != 2 || !TryNumber(parts[0], out var count) || !TryNumber(parts[1], out var sides))
            return false;
        dice = new Dice(count, sides);
        return count is >= 1 and <= MostDice && Known.Contains(sides);
    }

    /// <summary>The form that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => Sides == 1 ? Count.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Count}d{Sides}");

    private static bool TryNumber(string digits, out int number) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
