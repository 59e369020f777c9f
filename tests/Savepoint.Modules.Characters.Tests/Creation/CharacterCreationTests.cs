using Savepoint.Modules.Characters.Creation;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

public sealed class CharacterCreationTests
{
    private static readonly NewCharacter Wish = new() { Name = "Tordek", Race = "dwarf", Subrace = "hill-dwarf", Class = "fighter", BoughtScores = new Abilities(15, 14, 13, 12, 10, 8) };

    /// <summary>Ability Score Increase of each race and subrace, SRD 5.1 pp. 3-7, on top of 10 for each.</summary>
    [Theory]
    [InlineData("dwarf", "hill-dwarf", 10, 10, 12, 10, 11, 10)]
    [InlineData("elf", "high-elf", 10, 12, 10, 11, 10, 10)]
    [InlineData("halfling", "lightfoot", 10, 12, 10, 10, 10, 11)]
    [InlineData("human", null, 11, 11, 11, 11, 11, 11)]
    [InlineData("dragonborn", null, 12, 10, 10, 10, 10, 11)]
    [InlineData("gnome", "rock-gnome", 10, 10, 11, 12, 10, 10)]
    [InlineData("half-orc", null, 12, 10, 11, 10, 10, 10)]
    [InlineData("tiefling", null, 10, 10, 10, 11, 10, 12)]
    public void Race_and_subrace_increase_scores(string race, string? subrace, int strength, int dexterity, int constitution, int intelligence, int wisdom, int charisma)
    {
        var sheet = Create(Wish with { Race = race, Subrace = subrace, BoughtScores = new Abilities(10, 10, 10, 10, 10, 10) }).Result.Sheet;
        sheet.Scores.ShouldBe(new Abilities(strength, dexterity, constitution, intelligence, wisdom, charisma));
        (sheet.Race.Id, sheet.Subrace?.Id).ShouldBe((race, subrace));
    }

    [Fact]
    public void A_half_elf_increases_two_abilities_of_choice()
    {
        var wish = Wish with { Race = "half-elf", Subrace = null, BoughtScores = new Abilities(10, 10, 10, 10, 10, 10) };
        Create(wish with { ChosenIncreases = [Ability.Dexterity, Ability.Wisdom] }).Result.Sheet.Scores.ShouldBe(new Abilities(10, 11, 10, 10, 11, 12));
        Ability[][] wrong = [[], [Ability.Dexterity], [Ability.Dexterity, Ability.Dexterity], [Ability.Dexterity, Ability.Charisma], [Ability.Strength, Ability.Dexterity, Ability.Wisdom], [Ability.Strength, (Ability)9]];
        foreach (var chosen in wrong)
            Create(wish with { ChosenIncreases = chosen }).ShouldBeRefused("ABILITY_CHOICE_INVALID");
    }

    [Fact]
    public void Others_choose_nothing() => Create(Wish with { ChosenIncreases = [Ability.Strength] }).ShouldBeRefused("ABILITY_CHOICE_INVALID");

    [Fact]
    public void A_new_character_is_of_the_first_level_and_carries_nothing()
    {
        var (name, sheet) = Create(Wish).Result;
        name.ShouldBe("Tordek");
        (sheet.Level, sheet.Class.Id, sheet.Equipment).ShouldBe((1, "fighter", Equipment.None));
        sheet.Scores.ShouldBe(new Abilities(15, 14, 15, 12, 11, 8));
        DerivedStats.Of(sheet).MaximumHitPoints.ShouldBe(13);
    }

    [Fact]
    public void Without_bought_scores_the_dice_decide()
    {
        var die = new LoadedDie([.. Enumerable.Repeat(3, 24)]);
        CharacterCreation.Create(Wish with { BoughtScores = null }, Srd.Rulebook, die).Result.Sheet.Scores.ShouldBe(new Abilities(9, 9, 11, 9, 10, 9));
        die.Left.ShouldBe(0);
    }

    [Fact]
    public void Each_wrong_wish_has_its_code_and_rolls_no_dice()
    {
        (NewCharacter Wish, string Code)[] wrong =
        [
            (Wish with { Name = "X" }, "NAME_INVALID"),
            (Wish with { Name = "Admin" }, "NAME_RESERVED"),
            (Wish with { Race = "orc" }, "RACE_NOT_FOUND"),
            (Wish with { Subrace = null }, "SUBRACE_REQUIRED"),
            (Wish with { Subrace = "high-elf" }, "SUBRACE_NOT_FOUND"),
            (Wish with { Subrace = "" }, "SUBRACE_NOT_FOUND"),
            (Wish with { Race = "human" }, "SUBRACE_NOT_FOUND"),
            (Wish with { Class = "artificer" }, "CLASS_NOT_FOUND"),
            (Wish with { BoughtScores = new Abilities(15, 15, 15, 15, 15, 15) }, "NOT_ENOUGH_POINTS"),
            (Wish with { BoughtScores = default(Abilities) }, "ABILITY_SCORE_INVALID"),
        ];
        foreach (var (wish, code) in wrong)
            Create(wish).ShouldBeRefused(code);
        foreach (var (wish, code) in wrong[..^2])
            CharacterCreation.Create(wish with { BoughtScores = null }, Srd.Rulebook, new LoadedDie()).ShouldBeRefused(code);
    }

    private static Ruling<CreatedCharacter> Create(NewCharacter wish) => CharacterCreation.Create(wish, Srd.Rulebook, new LoadedDie());
}
