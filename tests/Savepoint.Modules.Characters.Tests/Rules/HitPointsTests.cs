using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

public sealed class HitPointsTests
{
    /// <summary>Hit Points of each class, SRD 5.1 pp. 8-55, at levels 1, 2, 5, 10 and 20, with the Constitution modifiers −1, 0, +2 and +5.</summary>
    [Theory]
    [InlineData(6, -1, 5, 8, 17, 32, 62)]
    [InlineData(6, 0, 6, 10, 22, 42, 82)]
    [InlineData(6, 2, 8, 14, 32, 62, 122)]
    [InlineData(6, 5, 11, 20, 47, 92, 182)]
    [InlineData(8, -1, 7, 11, 23, 43, 83)]
    [InlineData(8, 0, 8, 13, 28, 53, 103)]
    [InlineData(8, 2, 10, 17, 38, 73, 143)]
    [InlineData(8, 5, 13, 23, 53, 103, 203)]
    [InlineData(10, -1, 9, 14, 29, 54, 104)]
    [InlineData(10, 0, 10, 16, 34, 64, 124)]
    [InlineData(10, 2, 12, 20, 44, 84, 164)]
    [InlineData(10, 5, 15, 26, 59, 114, 224)]
    [InlineData(12, -1, 11, 17, 35, 65, 125)]
    [InlineData(12, 0, 12, 19, 40, 75, 145)]
    [InlineData(12, 2, 14, 23, 50, 95, 185)]
    [InlineData(12, 5, 17, 29, 65, 125, 245)]
    public void The_maximum_is_the_whole_die_first_and_its_fixed_average_later(int hitDie, int constitution, params int[] expected) =>
        Levels.Select(level => HitPoints.Maximum(hitDie, level, constitution)).ShouldBe(expected);

    /// <summary>The same class by class, for a human with Constitution 14.</summary>
    [Theory]
    [InlineData("barbarian", 14, 23, 50, 95, 185)]
    [InlineData("bard", 10, 17, 38, 73, 143)]
    [InlineData("cleric", 10, 17, 38, 73, 143)]
    [InlineData("druid", 10, 17, 38, 73, 143)]
    [InlineData("fighter", 12, 20, 44, 84, 164)]
    [InlineData("monk", 10, 17, 38, 73, 143)]
    [InlineData("paladin", 12, 20, 44, 84, 164)]
    [InlineData("ranger", 12, 20, 44, 84, 164)]
    [InlineData("rogue", 10, 17, 38, 73, 143)]
    [InlineData("sorcerer", 8, 14, 32, 62, 122)]
    [InlineData("warlock", 10, 17, 38, 73, 143)]
    [InlineData("wizard", 8, 14, 32, 62, 122)]
    public void Each_class_has_the_maximum_of_its_die(string characterClass, params int[] expected) =>
        Maxima("human", characterClass, 14).ShouldBe(expected);

    /// <summary>Dwarven Toughness, SRD 5.1 p. 3.</summary>
    [Theory]
    [InlineData("fighter", 13, 22, 49, 94, 184)]
    [InlineData("wizard", 9, 16, 37, 72, 142)]
    public void A_hill_dwarf_has_one_more_for_each_level(string characterClass, params int[] expected) =>
        Maxima("hill-dwarf", characterClass, 14).ShouldBe(expected);

    [Fact]
    public void A_level_never_takes_hit_points_away()
    {
        HitPoints.Maximum(6, 1, -5).ShouldBe(1);
        HitPoints.Maximum(6, 2, -5).ShouldBe(2);
        HitPoints.Maximum(6, 20, -5).ShouldBe(20);
    }

    [Theory]
    [InlineData(30, -10, 20)]
    [InlineData(30, 0, 30)]
    [InlineData(30, 5, 35)]
    [InlineData(30, 15, 40)]
    [InlineData(30, -30, 0)]
    [InlineData(30, -31, 0)]
    [InlineData(0, -1, 0)]
    [InlineData(0, 1, 1)]
    [InlineData(40, 1, 40)]
    [InlineData(50, 0, 40)]
    [InlineData(50, -1, 40)]
    [InlineData(30, long.MinValue, 0)]
    [InlineData(30, long.MaxValue, 40)]
    public void Damage_and_healing_stay_between_nothing_and_the_maximum(int current, long delta, int expected) =>
        HitPoints.After(current, delta, 40).ShouldBe(expected);

    private static int[] Levels => [1, 2, 5, 10, 20];

    private static IEnumerable<int> Maxima(string race, string characterClass, int constitution) =>
        Levels.Select(level => DerivedStats.Of(Srd.Sheet(race, characterClass, level, new Abilities(10, 10, constitution, 10, 10, 10))).MaximumHitPoints);
}
