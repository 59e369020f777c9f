namespace Savepoint.Modules.Characters.Rules;

/// <summary>
/// Armor without proficiency (SRD 5.1, Armor Proficiency, p. 62): disadvantage on every ability check, saving throw and attack roll that involves
/// Strength or Dexterity, and no spells.
/// </summary>
public static class ArmorTraining
{
    /// <summary>Whether the character wears armor or carries a shield that its class is not proficient with.</summary>
    public static bool IsLacking(CharacterSheet sheet)
    {
        var (armor, _, _, shield) = sheet.Equipment;
        return (armor is not null && !sheet.Class.Armor.Contains(armor.Category)) || (shield is not null && !sheet.Class.Shields);
    }
}
