using Savepoint.Modules.Characters.Origins;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>What a character adds to saving throws (SRD 5.1, Saving Throws, p. 83; each class's Proficiencies).</summary>
public static class SavingThrows
{
    /// <summary>The ability's modifier, and the proficiency bonus where the class is proficient.</summary>
    public static Abilities Of(CharacterClass characterClass, Abilities modifiers, int proficiencyBonus) =>
        Abilities.Each(ability => modifiers[ability] + (characterClass.SavingThrows.Contains(ability) ? proficiencyBonus : 0));
}
