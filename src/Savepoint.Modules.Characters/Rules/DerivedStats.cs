using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Rules;

/// <summary>All that follows by the rules from a character's sheet. Immutable.</summary>
public sealed record DerivedStats
{
    /// <summary>The ability modifiers.</summary>
    public required Abilities AbilityModifiers { get; init; }

    /// <summary>The proficiency bonus.</summary>
    public required int ProficiencyBonus { get; init; }

    /// <summary>The armor class.</summary>
    public required int ArmorClass { get; init; }

    /// <summary>The hit point maximum.</summary>
    public required int MaximumHitPoints { get; init; }

    /// <summary>The walking speed, in feet a round.</summary>
    public required int SpeedFeet { get; init; }

    /// <summary>What is added to the roll for initiative: the Dexterity modifier (SRD 5.1, Initiative, p. 90).</summary>
    public required int Initiative { get; init; }

    /// <summary>What is added to saving throws.</summary>
    public required Abilities SavingThrows { get; init; }

    /// <summary>The attacks with the weapons in hand.</summary>
    public required IReadOnlyList<WeaponAttack> Attacks { get; init; }

    /// <summary>Whether armor gives disadvantage on Dexterity (Stealth) checks.</summary>
    public required bool StealthDisadvantage { get; init; }

    /// <summary>Whether armor or shield are worn without proficiency: disadvantage on all that involves Strength or Dexterity, and no spells.</summary>
    public required bool LacksArmorTraining { get; init; }

    /// <summary>The stats of a character.</summary>
    public static DerivedStats Of(CharacterSheet sheet)
    {
        var modifiers = AbilityModifier.Of(sheet.Scores);
        var proficiency = Rules.ProficiencyBonus.At(sheet.Level);
        var (armor, _, _, shield) = sheet.Equipment;
        var lacksTraining = ArmorTraining.IsLacking(sheet);
        return new DerivedStats
        {
            AbilityModifiers = modifiers,
            ProficiencyBonus = proficiency,
            ArmorClass = Rules.ArmorClass.Of(armor, shield, modifiers.Dexterity),
            MaximumHitPoints = HitPoints.MaximumOf(sheet),
            SpeedFeet = Speed.Of(sheet.Race, armor, sheet.Scores.Strength),
            Initiative = modifiers.Dexterity,
            SavingThrows = Rules.SavingThrows.Of(sheet.Class, modifiers, proficiency),
            Attacks = WeaponAttacks.Of(sheet),
            StealthDisadvantage = lacksTraining || armor?.StealthDisadvantage == true,
            LacksArmorTraining = lacksTraining,
        };
    }
}
