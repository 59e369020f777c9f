using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

/// <summary>Whole characters, worked out by hand from the SRD 5.1: every class, every race.</summary>
public sealed class DerivedStatsTests
{
    [Theory]
    [InlineData("hill-dwarf", "fighter", 1, "16 12 16 10 13 8", "chain-mail", true, "AC 18, HP 14, 25 ft, +2, initiative +1, saves 5 1 5 0 1 -1, noisy")]
    [InlineData("hill-dwarf", "cleric", 5, "10 10 14 8 17 12", "plate", false, "AC 18, HP 43, 25 ft, +3, initiative +0, saves 0 0 2 -1 6 4, noisy, untrained")]
    [InlineData("high-elf", "wizard", 9, "8 16 13 18 12 10", "", false, "AC 13, HP 47, 30 ft, +4, initiative +3, saves -1 3 1 8 5 0")]
    [InlineData("lightfoot", "rogue", 13, "10 20 12 14 10 15", "studded-leather", false, "AC 17, HP 81, 25 ft, +5, initiative +5, saves 0 10 1 7 0 2")]
    [InlineData("human", "paladin", 17, "18 10 14 9 13 18", "plate", true, "AC 20, HP 140, 30 ft, +6, initiative +0, saves 4 0 2 -1 7 10, noisy")]
    [InlineData("dragonborn", "sorcerer", 20, "10 14 16 10 12 20", "", false, "AC 12, HP 142, 30 ft, +6, initiative +2, saves 0 2 9 0 1 11")]
    [InlineData("rock-gnome", "druid", 4, "8 14 15 12 16 10", "hide", true, "AC 16, HP 31, 25 ft, +2, initiative +2, saves -1 2 2 3 5 0")]
    [InlineData("half-elf", "bard", 8, "8 16 14 10 12 18", "leather", false, "AC 14, HP 59, 30 ft, +3, initiative +3, saves -1 6 2 0 1 7")]
    [InlineData("half-orc", "barbarian", 12, "20 14 18 8 10 8", "breastplate", false, "AC 16, HP 137, 30 ft, +4, initiative +2, saves 9 2 8 -1 0 -1")]
    [InlineData("tiefling", "warlock", 16, "8 14 13 14 10 20", "leather", false, "AC 13, HP 99, 30 ft, +5, initiative +2, saves -1 2 1 2 5 10")]
    [InlineData("human", "monk", 6, "12 16 12 10 16 8", "", false, "AC 13, HP 39, 30 ft, +3, initiative +3, saves 4 6 1 0 3 -1")]
    [InlineData("human", "ranger", 11, "12 18 14 10 14 10", "scale-mail", false, "AC 16, HP 92, 30 ft, +4, initiative +4, saves 5 8 2 0 2 0, noisy")]
    [InlineData("human", "wizard", 1, "8 6 10 15 10 10", "plate", false, "AC 18, HP 6, 20 ft, +2, initiative -2, saves -1 -2 0 4 2 0, noisy, untrained")]
    public void A_character_has_the_stats_of_the_SRD(string race, string characterClass, int level, string scores, string armor, bool shield, string expected)
    {
        var each = scores.Split(' ').Select(int.Parse).ToArray();
        var sheet = Srd.Sheet(race, characterClass, level, Abilities.Each(ability => each[(int)ability]), Srd.Carrying(armor, shield: shield));
        Line(DerivedStats.Of(sheet)).ShouldBe(expected);
    }

    private static string Line(DerivedStats stats) =>
        $"AC {stats.ArmorClass}, HP {stats.MaximumHitPoints}, {stats.SpeedFeet} ft, {Print.Signed(stats.ProficiencyBonus)}, initiative {Print.Signed(stats.Initiative)}, " +
        $"saves {string.Join(' ', Abilities.All.Select(ability => stats.SavingThrows[ability]))}" +
        (stats.StealthDisadvantage ? ", noisy" : "") + (stats.LacksArmorTraining ? ", untrained" : "");
}
