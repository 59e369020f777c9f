using Savepoint.Modules.Characters.Items;
using Savepoint.Modules.Characters.Origins;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>
/// All attacks with the weapons in hand (SRD 5.1, Weapons, pp. 64-66; Attack Rolls, p. 94; Two-Weapon Fighting, p. 95; Damage Rolls, p. 96).
/// The special rules of lance and net, unarmed strikes and class features (Martial Arts, Fighting Style) are not counted.
/// </summary>
public static class WeaponAttacks
{
    private const int ReachFeet = 5;
    private const int LongReachFeet = 10;

    /// <summary>
    /// For each weapon the hit, with a free hand also the two-handed hit of a versatile one, and the throw or shot.
    /// Attack: ability modifier, and the proficiency bonus where the character is proficient. Damage: dice and the same modifier;
    /// for the second weapon only if the modifier is negative.
    /// </summary>
    public static IReadOnlyList<WeaponAttack> Of(CharacterSheet sheet)
    {
        var (_, main, off, _) = sheet.Equipment;
        return
        [
            .. main is null ? [] : With(sheet, main, offHand: false),
            .. off is null ? [] : With(sheet, off, offHand: true),
        ];
    }

    private static IEnumerable<WeaponAttack> With(CharacterSheet sheet, Weapon weapon, bool offHand)
    {
        var attack = Attack(sheet, weapon, offHand);
        if (weapon.Kind == WeaponKind.Melee)
        {
            var hit = attack with { Kind = AttackKind.Melee, ReachFeet = weapon.Has(WeaponProperties.Reach) ? LongReachFeet : ReachFeet };
            yield return hit;
            if (weapon.Has(WeaponProperties.Versatile) && !offHand && sheet.Equipment.HasFreeHand)
                yield return hit with { TwoHanded = true, Damage = weapon.VersatileDamage };
        }
        if (weapon.Has(WeaponProperties.Thrown))
            yield return attack with { Kind = AttackKind.Thrown, Range = weapon.Range };
        if (weapon.Has(WeaponProperties.Ammunition))
            yield return attack with { Kind = AttackKind.Shot, Range = weapon.Range };
    }

    /// <summary>What all ways to attack with one weapon have in common.</summary>
    private static WeaponAttack Attack(CharacterSheet sheet, Weapon weapon, bool offHand)
    {
        var modifier = AttackAbility.ModifierFor(weapon, AbilityModifier.Of(sheet.Scores));
        var proficient = WeaponProficiency.Has(sheet, weapon);
        return new WeaponAttack
        {
            WeaponId = weapon.Id,
            Kind = AttackKind.Melee,
            OffHand = offHand,
            TwoHanded = weapon.Has(WeaponProperties.TwoHanded),
            Proficient = proficient,
            AttackBonus = modifier + (proficient ? ProficiencyBonus.At(sheet.Level) : 0),
            Damage = weapon.Damage,
            DamageBonus = weapon.Damage is null ? 0 : offHand ? Math.Min(0, modifier) : modifier,
            DamageType = weapon.DamageType,
            Disadvantage = ArmorTraining.IsLacking(sheet) || (sheet.Race.Size == Size.Small && weapon.Has(WeaponProperties.Heavy)),
        };
    }
}
