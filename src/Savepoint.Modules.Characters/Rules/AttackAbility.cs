using Savepoint.Modules.Characters.Items;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>The ability behind an attack and its damage (SRD 5.1, Attack Rolls, p. 94; Finesse and Thrown, pp. 64-65).</summary>
public static class AttackAbility
{
    /// <summary>
    /// Melee weapons: Strength, also when they are thrown. Ranged weapons: Dexterity. Finesse weapons: the better of both.
    /// </summary>
    /// <param name="weapon">The weapon.</param>
    /// <param name="modifiers">The ability modifiers.</param>
    /// <returns>The ability's modifier.</returns>
    public static int ModifierFor(Weapon weapon, Abilities modifiers)
    {
        if (weapon.Has(WeaponProperties.Finesse))
            return Math.Max(modifiers.Strength, modifiers.Dexterity);
        return weapon.Kind == WeaponKind.Ranged ? modifiers.Dexterity : modifiers.Strength;
    }
}
