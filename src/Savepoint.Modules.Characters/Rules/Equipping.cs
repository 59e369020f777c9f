using Savepoint.Modules.Characters.Items;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>
/// Putting things on and taking them off. What was in the slot before is replaced; whatever the hands can't hold is refused as <see cref="Hands"/> says,
/// and nothing is put away by itself. Proficiency isn't asked for: anyone can put on a suit of armor (SRD 5.1, Armor Proficiency, p. 62).
/// </summary>
public static class Equipping
{
    /// <summary>Puts on a suit of armor.</summary>
    public static Equipment Wear(Equipment equipment, Armor armor) => equipment with { Armor = armor };

    /// <summary>Takes a weapon into the main hand, or into the other one.</summary>
    /// <param name="equipment">What is carried now.</param>
    /// <param name="weapon">The weapon.</param>
    /// <param name="offHand">Whether it is the second weapon.</param>
    public static Ruling<Equipment> Wield(Equipment equipment, Weapon weapon, bool offHand) =>
        IfHandsAllow(offHand ? equipment with { OffHand = weapon } : equipment with { MainHand = weapon });

    /// <summary>Takes up a shield.</summary>
    public static Ruling<Equipment> Carry(Equipment equipment, Shield shield) => IfHandsAllow(equipment with { Shield = shield });

    /// <summary>Empties a slot, or answers <see cref="CharacterErrorCodes.SlotEmpty"/>.</summary>
    public static Ruling<Equipment> Remove(Equipment equipment, EquipmentSlot slot)
    {
        var without = slot switch
        {
            EquipmentSlot.Armor => equipment with { Armor = null },
            EquipmentSlot.MainHand => equipment with { MainHand = null },
            EquipmentSlot.OffHand => equipment with { OffHand = null },
            EquipmentSlot.Shield => equipment with { Shield = null },
            _ => throw new ArgumentOutOfRangeException(nameof(slot), slot, "is no slot"),
        };
        return without == equipment ? CharacterErrors.SlotEmpty : without;
    }

    private static Ruling<Equipment> IfHandsAllow(Equipment wish) => Hands.Check(wish) is { } error ? error : wish;
}
