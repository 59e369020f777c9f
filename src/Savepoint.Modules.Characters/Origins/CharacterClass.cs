using Savepoint.Modules.Characters.Items;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Origins;

/// <summary>A class, as far as the rules here use it: hit die and proficiencies (SRD 5.1, Classes, pp. 8-55).</summary>
public sealed record CharacterClass
{
    /// <summary>Such as <c>wizard</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Its name in the SRD.</summary>
    public required string Name { get; init; }

    /// <summary>The sides of its hit die: 6, 8, 10 or 12.</summary>
    public required int HitDie { get; init; }

    /// <summary>The saving throws that it is proficient in.</summary>
    public required IReadOnlySet<Ability> SavingThrows { get; init; }

    /// <summary>The armor that it is proficient with.</summary>
    public required IReadOnlySet<ArmorCategory> Armor { get; init; }

    /// <summary>Whether it is proficient with shields.</summary>
    public bool Shields { get; init; }

    /// <summary>The weapons that it is proficient with.</summary>
    public required WeaponTraining Weapons { get; init; }
}
