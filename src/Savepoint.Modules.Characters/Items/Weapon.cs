namespace Savepoint.Modules.Characters.Items;

/// <summary>How far a weapon shoots or flies (SRD 5.1, Range, p. 64).</summary>
/// <param name="NormalFeet">Up to here without disadvantage, in feet.</param>
/// <param name="LongFeet">No attack is possible beyond, in feet.</param>
public readonly record struct WeaponRange(int NormalFeet, int LongFeet);

/// <summary>A weapon (SRD 5.1, Weapons table, pp. 65-66).</summary>
public sealed record Weapon
{
    /// <summary>Such as <c>light-crossbow</c>; unique among all items.</summary>
    public required string Id { get; init; }

    /// <summary>Its name in the SRD.</summary>
    public required string Name { get; init; }

    /// <summary>Simple or martial.</summary>
    public required WeaponCategory Category { get; init; }

    /// <summary>Melee or ranged.</summary>
    public required WeaponKind Kind { get; init; }

    /// <summary>What it costs, in copper pieces.</summary>
    public required long CostCopper { get; init; }

    /// <summary>What it weighs, in pounds; 0 for next to nothing.</summary>
    public required decimal WeightPounds { get; init; }

    /// <summary>Its damage in one hand, or in both when it is two-handed; null when a hit does none (the net).</summary>
    public Dice? Damage { get; init; }

    /// <summary>The kind of its damage; null when a hit does none.</summary>
    public DamageType? DamageType { get; init; }

    /// <summary>Its properties.</summary>
    public WeaponProperties Properties { get; init; }

    /// <summary>Its damage when a versatile weapon is used with both hands.</summary>
    public Dice? VersatileDamage { get; init; }

    /// <summary>How far it shoots or flies; null when it does neither.</summary>
    public WeaponRange? Range { get; init; }

    /// <summary>Whether it has all of these properties.</summary>
    public bool Has(WeaponProperties properties) => (Properties & properties) == properties;
}
