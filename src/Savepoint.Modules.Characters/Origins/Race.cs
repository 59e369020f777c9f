using Savepoint.Modules.Characters.Items;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Origins;

/// <summary>How big a creature is; player characters are small or medium (SRD 5.1, Racial Traits, p. 3).</summary>
public enum Size
{
    /// <summary>Halflings and gnomes.</summary>
    Small,

    /// <summary>All others.</summary>
    Medium,
}

/// <summary>Ability scores that the player chooses to increase, as half-elves do.</summary>
/// <param name="Abilities">How many different abilities, none of which the race increases already.</param>
/// <param name="Amount">By how much each.</param>
public readonly record struct ChosenIncreases(int Abilities, int Amount);

/// <summary>A race, as far as the rules here use it (SRD 5.1, Races, pp. 3-7).</summary>
public sealed record Race
{
    /// <summary>Such as <c>half-elf</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Its name in the SRD.</summary>
    public required string Name { get; init; }

    /// <summary>Small or medium.</summary>
    public required Size Size { get; init; }

    /// <summary>The walking speed, in feet a round.</summary>
    public required int SpeedFeet { get; init; }

    /// <summary>Whether heavy armor slows a wearer who is too weak for it; false for dwarves.</summary>
    public bool HeavyArmorSlows { get; init; } = true;

    /// <summary>What it adds to ability scores.</summary>
    public required Abilities Increases { get; init; }

    /// <summary>What the player adds to ability scores of their choice.</summary>
    public ChosenIncreases ChosenIncreases { get; init; }

    /// <summary>The weapons that it is proficient with.</summary>
    public WeaponTraining Weapons { get; init; } = WeaponTraining.None;

    /// <summary>Its subraces, one of which has to be chosen if there are any.</summary>
    public IReadOnlyList<Subrace> Subraces { get; init; } = [];
}

/// <summary>A subrace: its traits come on top of the race's (SRD 5.1, Subraces, p. 3).</summary>
public sealed record Subrace
{
    /// <summary>Such as <c>hill-dwarf</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Its name in the SRD.</summary>
    public required string Name { get; init; }

    /// <summary>What it adds to ability scores.</summary>
    public required Abilities Increases { get; init; }

    /// <summary>What it adds to the hit point maximum at each level: 1 for hill dwarves (Dwarven Toughness, p. 3).</summary>
    public int HitPointsPerLevel { get; init; }

    /// <summary>The weapons that it is proficient with.</summary>
    public WeaponTraining Weapons { get; init; } = WeaponTraining.None;
}
