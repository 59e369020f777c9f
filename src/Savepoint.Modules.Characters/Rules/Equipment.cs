using Savepoint.Modules.Characters.Items;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>Where a character carries things.</summary>
public enum EquipmentSlot
{
    /// <summary>The suit of armor.</summary>
    Armor,

    /// <summary>The weapon in the main hand, or in both.</summary>
    MainHand,

    /// <summary>The second weapon.</summary>
    OffHand,

    /// <summary>The shield, in the hand that the second weapon would be in.</summary>
    Shield,
}

/// <summary>What a character wears and wields. Immutable.</summary>
/// <param name="Armor">The suit of armor.</param>
/// <param name="MainHand">The weapon in the main hand, or in both.</param>
/// <param name="OffHand">The second weapon.</param>
/// <param name="Shield">The shield.</param>
public sealed record Equipment(Armor? Armor = null, Weapon? MainHand = null, Weapon? OffHand = null, Shield? Shield = null)
{
    /// <summary>Nothing at all.</summary>
    public static Equipment None { get; } = new();

    /// <summary>Whether the hand that doesn't hold the main weapon is free.</summary>
    public bool HasFreeHand => OffHand is null && Shield is null;
}
