namespace Savepoint.Modules.Characters.Rules;

/// <summary>What proficiency adds to rolls (SRD 5.1, Character Advancement table, p. 56; Proficiency Bonus, p. 77).</summary>
public static class ProficiencyBonus
{
    /// <summary>2, 3, 4, 5, 6 from level 1, 5, 9, 13, 17.</summary>
    /// <param name="level">The character's level, 1 to 20.</param>
    public static int At(int level) => 2 + ((Level.Checked(level) - 1) / 4);
}
