using Savepoint.Modules.Characters.Items;
using Savepoint.Modules.Characters.Origins;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Data;

/// <summary>Reads races and classes.</summary>
internal static class OriginReader
{
    private static readonly string[] HitDice = ["d6", "d8", "d10", "d12"];

    public static Race Race(DataObject data) => new()
    {
        Id = data.Text("id"),
        Name = data.Text("name"),
        Size = data.Word<Size>("size"),
        SpeedFeet = data.Small("speedFeet", 0, 1_000),
        HeavyArmorSlows = data.Flag("heavyArmorSlows", missing: true),
        Increases = Increases(data),
        ChosenIncreases = Chosen(data),
        Weapons = Training(data),
        Subraces = data.Objects("subraces", Subrace, optional: true),
    };

    public static CharacterClass Class(DataObject data)
    {
        var characterClass = new CharacterClass
        {
            Id = data.Text("id"),
            Name = data.Text("name"),
            HitDie = HitDie(data),
            SavingThrows = data.Words<Ability>("savingThrows"),
            Armor = data.Words<ArmorCategory>("armor"),
            Shields = data.Flag("shields"),
            Weapons = new WeaponTraining(data.Words<WeaponCategory>("weaponCategories", optional: true), data.Texts("weapons", optional: true)),
        };
        if (characterClass.SavingThrows.Count != 2)
            data.Wrong("a class is proficient in two", "savingThrows");
        return characterClass;
    }

    private static Subrace Subrace(DataObject data) => new()
    {
        Id = data.Text("id"),
        Name = data.Text("name"),
        Increases = Increases(data),
        HitPointsPerLevel = data.Small("hitPointsPerLevel", 0, 100, missing: 0),
        Weapons = Training(data),
    };

    private static WeaponTraining Training(DataObject data) => new(new HashSet<WeaponCategory>(), data.Texts("weapons", optional: true));

    private static Abilities Increases(DataObject data)
    {
        if (!data.TryObject("increases", out var increases, optional: false))
            return default;
        var result = Abilities.Each(ability => increases.Small(EnumWords.Of(ability), 1, 10, missing: 0));
        increases.End();
        return result;
    }

    private static ChosenIncreases Chosen(DataObject data)
    {
        if (!data.TryObject("chosenIncreases", out var chosen))
            return default;
        var result = new ChosenIncreases(chosen.Small("abilities", 1, 6), chosen.Small("amount", 1, 10));
        chosen.End();
        return result;
    }

    private static int HitDie(DataObject data)
    {
        var index = Array.IndexOf(HitDice, data.Text("hitDie"));
        if (index < 0)
            data.Wrong($"is none of: {string.Join(", ", HitDice)}", "hitDie");
        return 6 + (2 * Math.Max(0, index));
    }
}
