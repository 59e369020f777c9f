namespace Savepoint.Modules.Characters.Items;

/// <summary>What kind of harm a weapon does (SRD 5.1, Damage Types, p. 97).</summary>
public enum DamageType
{
    /// <summary>Blunt force: hammers, falling.</summary>
    Bludgeoning,

    /// <summary>Puncturing: spears, arrows.</summary>
    Piercing,

    /// <summary>Cutting: swords, axes.</summary>
    Slashing,
}
