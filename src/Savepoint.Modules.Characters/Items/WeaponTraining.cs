namespace Savepoint.Modules.Characters.Items;

/// <summary>The weapons that a class or race is proficient with.</summary>
/// <param name="Categories">Whole categories.</param>
/// <param name="WeaponIds">Single weapons.</param>
public sealed record WeaponTraining(IReadOnlySet<WeaponCategory> Categories, IReadOnlySet<string> WeaponIds)
{
    /// <summary>No weapon at all.</summary>
    public static WeaponTraining None { get; } = new(new HashSet<WeaponCategory>(), new HashSet<string>());

    /// <summary>Whether it includes a weapon.</summary>
    public bool Covers(Weapon weapon) => Categories.Contains(weapon.Category) || WeaponIds.Contains(weapon.Id);
}
