namespace Savepoint.Modules.Characters.Rules;

/// <summary>Levels of characters, 1 to 20 (SRD 5.1, Beyond 1st Level, p. 56).</summary>
public static class Level
{
    /// <summary>Where every character begins.</summary>
    public const int First = 1;

    /// <summary>There is none above.</summary>
    public const int Last = 20;

    /// <summary>The level above, or <see cref="CharacterErrorCodes.MaximumLevelReached"/>.</summary>
    public static Ruling<int> After(int level) => Checked(level) < Last
        ? level + 1
        : CharacterErrors.MaximumLevelReached;

    /// <summary>The level itself, which has to be one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1 or above 20.</exception>
    internal static int Checked(int level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, First);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, Last);
        return level;
    }
}
