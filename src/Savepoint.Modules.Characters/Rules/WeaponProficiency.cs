using Savepoint.Modules.Characters.Items;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>Who is proficient with which weapon (SRD 5.1, Weapon Proficiency, p. 64; each class's Proficiencies; Dwarven Combat Training, p. 3; Elf Weapon Training, p. 4).</summary>
public static class WeaponProficiency
{
    /// <summary>Whether class, race or subrace make the character proficient.</summary>
    public static bool Has(CharacterSheet sheet, Weapon weapon) =>
        sheet.Class.Weapons.Covers(weapon) || sheet.Race.Weapons.Covers(weapon) || sheet.Subrace?.Weapons.Covers(weapon) == true;
}
