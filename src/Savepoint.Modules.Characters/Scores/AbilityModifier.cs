namespace Savepoint.Modules.Characters.Scores;

/// <summary>What an ability score adds to rolls (SRD 5.1, Ability Scores and Modifiers, p. 76).</summary>
public static class AbilityModifier
{
    /// <summary>The lowest score that there is.</summary>
    public const int MinimumScore = 1;

    /// <summary>The highest score that there is, for divine beings; adventurers reach 20.</summary>
    public const int MaximumScore = 30;

    /// <summary>The score less 10, halved, rounded down: −5 for 1, 0 for 10 and 11, +10 for 30.</summary>
    /// <param name="score">The score, 1 to 30.</param>
    public static int Of(int score)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(score, MinimumScore);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(score, MaximumScore);
        return (score >> 1) - 5;
    }

    /// <summary>The modifiers of all six scores.</summary>
    public static Abilities Of(Abilities scores) => Abilities.Each(ability => Of(scores[ability]));
}
