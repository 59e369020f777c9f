using Savepoint.Modules.Characters.Items;
using Savepoint.Modules.Characters.Origins;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>How far a character walks in a round (SRD 5.1, Racial Traits, p. 3; Heavy Armor, p. 63).</summary>
public static class Speed
{
    private const int SlowedByFeet = 10;

    /// <summary>The race's speed, 10 feet less in armor that the wearer is not strong enough for, unless the race is not slowed by it (dwarves).</summary>
    /// <param name="race">The character's race.</param>
    /// <param name="armor">What is worn; null for nothing.</param>
    /// <param name="strengthScore">The Strength score, not its modifier.</param>
    /// <returns>Feet a round.</returns>
    public static int Of(Race race, Armor? armor, int strengthScore)
    {
        var slowed = race.HeavyArmorSlows && strengthScore < (armor?.Strength ?? 0);
        return slowed ? Math.Max(0, race.SpeedFeet - SlowedByFeet) : race.SpeedFeet;
    }
}
