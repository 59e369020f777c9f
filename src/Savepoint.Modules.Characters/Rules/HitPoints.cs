using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>How much a character can take (SRD 5.1, Hit Points, p. 96; Beyond 1st Level, p. 56; each class's Hit Points).</summary>
public static class HitPoints
{
    /// <summary>
    /// At level 1 the highest roll of the hit die + Constitution; at each later level its fixed average (half the sides + 1) + Constitution;
    /// and what the race adds at each level. A level never adds less than 1.
    /// </summary>
    /// <remarks>The SRD leaves open what a level adds when a weak Constitution outweighs the die. Without the 1, gaining levels would cost hit points.</remarks>
    /// <param name="hitDie">The sides of the class's hit die.</param>
    /// <param name="level">The character's level, 1 to 20.</param>
    /// <param name="constitutionModifier">The Constitution modifier: a change of it counts for all levels.</param>
    /// <param name="racialBonusPerLevel">What the race adds at each level.</param>
    public static int Maximum(int hitDie, int level, int constitutionModifier, int racialBonusPerLevel = 0)
    {
        var first = Math.Max(1, hitDie + constitutionModifier);
        var later = Math.Max(1, (hitDie / 2) + 1 + constitutionModifier);
        return first + (later * (Level.Checked(level) - 1)) + (racialBonusPerLevel * level);
    }

    /// <summary>The maximum of a character, by its class, level, Constitution and subrace.</summary>
    public static int MaximumOf(CharacterSheet sheet) =>
        Maximum(sheet.Class.HitDie, sheet.Level, AbilityModifier.Of(sheet.Scores.Constitution), sheet.Subrace?.HitPointsPerLevel ?? 0);

    /// <summary>
    /// After damage (negative) or healing (positive), not below 0 and not above the maximum (SRD 5.1, Damage and Healing, pp. 96-97).
    /// </summary>
    /// <param name="current">The hit points now.</param>
    /// <param name="delta">What is added: any 64-bit number.</param>
    /// <param name="maximum">The hit point maximum, at least 1.</param>
    public static int After(int current, long delta, int maximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, 1);
        return (int)Int128.Clamp((Int128)current + delta, 0, maximum);
    }
}
