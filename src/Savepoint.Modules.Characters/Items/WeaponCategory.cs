namespace Savepoint.Modules.Characters.Items;

/// <summary>How much training a weapon takes (SRD 5.1, Weapon Proficiency, p. 64).</summary>
public enum WeaponCategory
{
    /// <summary>Most people can use it.</summary>
    Simple,

    /// <summary>It takes more specialized training.</summary>
    Martial,
}

/// <summary>From how far a weapon attacks (SRD 5.1, Weapons, p. 64).</summary>
public enum WeaponKind
{
    /// <summary>A target within 5 feet, or 10 with reach.</summary>
    Melee,

    /// <summary>A target at a distance.</summary>
    Ranged,
}
