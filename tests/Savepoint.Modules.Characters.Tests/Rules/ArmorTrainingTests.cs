using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

/// <summary>Armor Proficiency, SRD 5.1 p. 62.</summary>
public sealed class ArmorTrainingTests
{
    [Theory]
    [InlineData("barbarian", "hide", true, false)]
    [InlineData("barbarian", "plate", false, true)]
    [InlineData("bard", "leather", false, false)]
    [InlineData("bard", "leather", true, true)]
    [InlineData("cleric", "half-plate", true, false)]
    [InlineData("cleric", "ring-mail", false, true)]
    [InlineData("druid", "hide", true, false)]
    [InlineData("druid", "splint", false, true)]
    [InlineData("fighter", "plate", true, false)]
    [InlineData("monk", "", false, false)]
    [InlineData("monk", "", true, true)]
    [InlineData("monk", "padded", false, true)]
    [InlineData("paladin", "plate", true, false)]
    [InlineData("ranger", "breastplate", true, false)]
    [InlineData("ranger", "chain-mail", false, true)]
    [InlineData("rogue", "studded-leather", false, false)]
    [InlineData("rogue", "hide", false, true)]
    [InlineData("sorcerer", "padded", false, true)]
    [InlineData("warlock", "leather", false, false)]
    [InlineData("warlock", "leather", true, true)]
    [InlineData("wizard", "padded", false, true)]
    [InlineData("wizard", "", false, false)]
    public void Armor_without_proficiency_hinders_whatever_takes_Strength_or_Dexterity(string characterClass, string armor, bool shield, bool hindered)
    {
        var stats = DerivedStats.Of(Srd.Sheet("human", characterClass, 1, new Abilities(16, 10, 10, 10, 10, 10), Srd.Carrying(armor, mainHand: "mace", shield: shield)));
        stats.LacksArmorTraining.ShouldBe(hindered);
        stats.Attacks.ShouldHaveSingleItem().Disadvantage.ShouldBe(hindered);
    }
}
