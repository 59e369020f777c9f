using Savepoint.Modules.Characters.Items;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>What two hands can hold ready for a fight (SRD 5.1, Weapon Properties, pp. 64-65; Shields, p. 63; Two-Weapon Fighting, p. 95).</summary>
public static class Hands
{
    /// <summary>Whether the hands can hold all of this.</summary>
    /// <returns>Why not; null when they can.</returns>
    public static RuleError? Check(Equipment equipment)
    {
        var (_, main, off, shield) = equipment;
        if (off is not null && shield is not null)
            return CharacterErrors.HandOccupied with { Detail = $"A {Named(off)} and a {shield.Name} would be in the same hand." };
        if (off is not null && Unfit(off, main) is { } unfit)
            return unfit;
        if (main is null || equipment.HasFreeHand)
            return null;
        if (main.Has(WeaponProperties.TwoHanded))
            return CharacterErrors.BothHandsNeeded with { Detail = $"A {Named(main)} needs both hands." };
        return main.Has(WeaponProperties.Ammunition)
            ? CharacterErrors.FreeHandNeeded with { Detail = $"A {Named(main)} is loaded with the other hand, which has to be free." }
            : null;
    }

    /// <summary>Two weapons have to be light melee weapons, both of them.</summary>
    private static RuleError? Unfit(Weapon off, Weapon? main)
    {
        if (off.Has(WeaponProperties.TwoHanded) || main?.Has(WeaponProperties.TwoHanded) == true)
            return CharacterErrors.BothHandsNeeded with { Detail = $"A {Named(off.Has(WeaponProperties.TwoHanded) ? off : main!)} needs both hands." };
        var culprit = !IsLightMelee(off) ? off : main is not null && !IsLightMelee(main) ? main : null;
        return culprit is null ? null : CharacterErrors.LightWeaponNeeded with { Detail = $"A {Named(culprit)} is no light melee weapon, which both of two weapons have to be." };
    }

    private static bool IsLightMelee(Weapon weapon) => weapon.Kind == WeaponKind.Melee && weapon.Has(WeaponProperties.Light);

    private static string Named(Weapon weapon) => weapon.Id.Replace('-', ' ');
}
