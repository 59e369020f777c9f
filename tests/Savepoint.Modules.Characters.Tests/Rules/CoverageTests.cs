using System.Reflection;

namespace Savepoint.Modules.Characters.Tests;

/// <summary>The tables of expected values leave nothing of the rulebook out.</summary>
public sealed class CoverageTests
{
    [Fact]
    public void Every_weapon_has_its_expected_attacks() => Rows<WeaponAttackTests>(nameof(WeaponAttackTests.A_strong_fighter_attacks)).ShouldBe(Srd.Rulebook.Weapons.Select(weapon => weapon.Id), ignoreOrder: true);

    [Fact]
    public void Every_armor_has_its_expected_class_and_speed()
    {
        Rows<ArmorClassTests>(nameof(ArmorClassTests.Armor_gives_its_class_with_as_much_Dexterity_as_its_category_allows)).ShouldBe(Srd.Rulebook.Armors.Select(armor => armor.Id).Append(""), ignoreOrder: true);
        Rows<SpeedTests>(nameof(SpeedTests.Only_armor_that_asks_for_Strength_slows)).ShouldBe(Srd.Rulebook.Armors.Select(armor => armor.Id), ignoreOrder: true);
    }

    [Fact]
    public void Every_class_has_its_expected_hit_points_and_saving_throws()
    {
        var classes = Srd.Rulebook.Classes.Select(one => one.Id).ToArray();
        Rows<HitPointsTests>(nameof(HitPointsTests.Each_class_has_the_maximum_of_its_die)).ShouldBe(classes, ignoreOrder: true);
        Rows<SavingThrowTests>(nameof(SavingThrowTests.A_class_adds_its_proficiency_to_two_saving_throws)).ShouldBe(classes, ignoreOrder: true);
        Rows<DerivedStatsTests>(nameof(DerivedStatsTests.A_character_has_the_stats_of_the_SRD), 1).Distinct().ShouldBe(classes, ignoreOrder: true);
    }

    [Fact]
    public void Every_race_has_its_expected_stats_and_speed()
    {
        var races = Srd.Rulebook.Races.Select(race => race.Id).ToArray();
        Rows<RaceStatsTests>(nameof(RaceStatsTests.A_fighter_of_each_race_has_the_stats_of_the_SRD)).ShouldBe(races, ignoreOrder: true);
        Rows<SpeedTests>(nameof(SpeedTests.Heavy_armor_slows_whoever_is_too_weak_for_it_except_dwarves)).ShouldBe(races, ignoreOrder: true);
        Rows<RaceStatsTests>(nameof(RaceStatsTests.A_fighter_of_each_race_has_the_stats_of_the_SRD), 1).Where(id => id is not null)
            .ShouldBe(Srd.Rulebook.Races.SelectMany(race => race.Subraces).Select(subrace => subrace.Id), ignoreOrder: true);
    }

    private static IEnumerable<string?> Rows<T>(string test, int column = 0) =>
        typeof(T).GetMethod(test)!.GetCustomAttributes<InlineDataAttribute>().Select(row => (string?)row.Data[column]);
}
