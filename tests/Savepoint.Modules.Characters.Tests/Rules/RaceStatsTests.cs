using Savepoint.Modules.Characters.Creation;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

/// <summary>
/// A fighter of each race that can be played, from creation on, at levels 1, 11 and 20, worked out by hand from the SRD 5.1, pp. 3-7, 24, 56 and 76-83. Bought: 15, 14,
/// 13, 12, 10, 8 in the SRD's order of abilities. A half-elf chooses Constitution and Wisdom.
/// </summary>
public sealed class RaceStatsTests
{
    [Theory]
    [InlineData("human", null, "16 15 14 13 11 9", "AC 12, 30 ft, initiative +2", "HP 12, saves 5 2 4 1 0 -1", "HP 92, saves 7 2 6 1 0 -1", "HP 164, saves 9 2 8 1 0 -1")]
    [InlineData("dwarf", "hill-dwarf", "15 14 15 12 11 8", "AC 12, 25 ft, initiative +2", "HP 13, saves 4 2 4 1 0 -1", "HP 103, saves 6 2 6 1 0 -1", "HP 184, saves 8 2 8 1 0 -1")]
    [InlineData("elf", "high-elf", "15 16 13 13 10 8", "AC 13, 30 ft, initiative +3", "HP 11, saves 4 3 3 1 0 -1", "HP 81, saves 6 3 5 1 0 -1", "HP 144, saves 8 3 7 1 0 -1")]
    [InlineData("halfling", "lightfoot", "15 16 13 12 10 9", "AC 13, 25 ft, initiative +3", "HP 11, saves 4 3 3 1 0 -1", "HP 81, saves 6 3 5 1 0 -1", "HP 144, saves 8 3 7 1 0 -1")]
    [InlineData("dragonborn", null, "17 14 13 12 10 9", "AC 12, 30 ft, initiative +2", "HP 11, saves 5 2 3 1 0 -1", "HP 81, saves 7 2 5 1 0 -1", "HP 144, saves 9 2 7 1 0 -1")]
    [InlineData("gnome", "rock-gnome", "15 14 14 14 10 8", "AC 12, 25 ft, initiative +2", "HP 12, saves 4 2 4 2 0 -1", "HP 92, saves 6 2 6 2 0 -1", "HP 164, saves 8 2 8 2 0 -1")]
    [InlineData("half-elf", null, "15 14 14 12 11 10", "AC 12, 30 ft, initiative +2", "HP 12, saves 4 2 4 1 0 0", "HP 92, saves 6 2 6 1 0 0", "HP 164, saves 8 2 8 1 0 0")]
    [InlineData("half-orc", null, "17 14 14 12 10 8", "AC 12, 30 ft, initiative +2", "HP 12, saves 5 2 4 1 0 -1", "HP 92, saves 7 2 6 1 0 -1", "HP 164, saves 9 2 8 1 0 -1")]
    [InlineData("tiefling", null, "15 14 13 13 10 10", "AC 12, 30 ft, initiative +2", "HP 11, saves 4 2 3 1 0 0", "HP 81, saves 6 2 5 1 0 0", "HP 144, saves 8 2 7 1 0 0")]
    public void A_fighter_of_each_race_has_the_stats_of_the_SRD(string race, string? subrace, string scores, string always, string atFirst, string atEleventh, string atTwentieth)
    {
        var wish = new NewCharacter
        {
            Name = "Gimli",
            Race = race,
            Subrace = subrace,
            Class = "fighter",
            BoughtScores = new Abilities(15, 14, 13, 12, 10, 8),
            ChosenIncreases = race == "half-elf" ? [Ability.Constitution, Ability.Wisdom] : [],
        };
        var sheet = CharacterCreation.Create(wish, Srd.Rulebook, new LoadedDie()).Result.Sheet;
        Line(sheet.Scores).ShouldBe(scores);
        int[] levels = [1, 11, 20];
        levels.Select(level => DerivedStats.Of(sheet with { Level = level })).Select(stats => $"AC {stats.ArmorClass}, {stats.SpeedFeet} ft, initiative {Print.Signed(stats.Initiative)}").Distinct().ShouldBe([always]);
        levels.Select(level => DerivedStats.Of(sheet with { Level = level })).Select(stats => $"HP {stats.MaximumHitPoints}, saves {Line(stats.SavingThrows)}").ShouldBe([atFirst, atEleventh, atTwentieth]);
    }

    private static string Line(Abilities numbers) => string.Join(' ', Abilities.All.Select(ability => numbers[ability]));
}
