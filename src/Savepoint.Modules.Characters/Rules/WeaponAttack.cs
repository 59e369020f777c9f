using Savepoint.Modules.Characters.Items;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>The way of an attack with a weapon.</summary>
public enum AttackKind
{
    /// <summary>A hit at arm's length.</summary>
    Melee,

    /// <summary>A throw of the weapon itself.</summary>
    Thrown,

    /// <summary>A shot.</summary>
    Shot,
}

/// <summary>One way in which a character can attack with a weapon in hand. Immutable.</summary>
public sealed record WeaponAttack
{
    /// <summary>The weapon's id.</summary>
    public required string WeaponId { get; init; }

    /// <summary>Hit, throw or shot.</summary>
    public required AttackKind Kind { get; init; }

    /// <summary>Whether it is the bonus attack with the second weapon.</summary>
    public bool OffHand { get; init; }

    /// <summary>Whether both hands are on the weapon.</summary>
    public bool TwoHanded { get; init; }

    /// <summary>Whether the character is proficient with the weapon.</summary>
    public required bool Proficient { get; init; }

    /// <summary>What is added to the d20.</summary>
    public required int AttackBonus { get; init; }

    /// <summary>The dice of the damage; null when a hit does none.</summary>
    public Dice? Damage { get; init; }

    /// <summary>What is added to the dice. The sum may be below zero; damage is then 0.</summary>
    public int DamageBonus { get; init; }

    /// <summary>The kind of the damage; null when a hit does none.</summary>
    public DamageType? DamageType { get; init; }

    /// <summary>How far the hit reaches, in feet; 0 for throws and shots.</summary>
    public int ReachFeet { get; init; }

    /// <summary>How far a throw or shot goes; null for hits.</summary>
    public WeaponRange? Range { get; init; }

    /// <summary>Whether the roll has disadvantage whatever the target: armor without proficiency, or a weapon too heavy for a small character.</summary>
    public bool Disadvantage { get; init; }
}
