using Savepoint.Modules.Characters.Origins;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

/// <summary>The races of the SRD 5.1, pp. 3-7.</summary>
public sealed class RaceTableTests
{
    [Theory]
    [InlineData("dwarf", "Dwarf", Size.Medium, 25, "Con 2", "battleaxe, handaxe, light-hammer, warhammer")]
    [InlineData("elf", "Elf", Size.Medium, 30, "Dex 2", "")]
    [InlineData("halfling", "Halfling", Size.Small, 25, "Dex 2", "")]
    [InlineData("human", "Human", Size.Medium, 30, "Str 1, Dex 1, Con 1, Int 1, Wis 1, Cha 1", "")]
    [InlineData("dragonborn", "Dragonborn", Size.Medium, 30, "Str 2, Cha 1", "")]
    [InlineData("gnome", "Gnome", Size.Small, 25, "Int 2", "")]
    [InlineData("half-elf", "Half-elf", Size.Medium, 30, "Cha 2", "")]
    [InlineData("half-orc", "Half-orc", Size.Medium, 30, "Str 2, Con 1", "")]
    [InlineData("tiefling", "Tiefling", Size.Medium, 30, "Int 1, Cha 2", "")]
    public void A_race_has_its_traits(string id, string name, Size size, int speed, string increases, string weapons)
    {
        var race = Srd.Race(id);
        (race.Name, race.Size, race.SpeedFeet).ShouldBe((name, size, speed));
        Increases(race.Increases).ShouldBe(increases);
        string.Join(", ", race.Weapons.WeaponIds.Order()).ShouldBe(weapons);
        race.HeavyArmorSlows.ShouldBe(id != "dwarf");
        race.ChosenIncreases.ShouldBe(id == "half-elf" ? new ChosenIncreases(2, 1) : default);
    }

    [Theory]
    [InlineData("dwarf", "hill-dwarf", "Hill dwarf", "Wis 1", 1, "")]
    [InlineData("elf", "high-elf", "High elf", "Int 1", 0, "longbow, longsword, shortbow, shortsword")]
    [InlineData("halfling", "lightfoot", "Lightfoot halfling", "Cha 1", 0, "")]
    [InlineData("gnome", "rock-gnome", "Rock gnome", "Con 1", 0, "")]
    public void A_subrace_has_its_traits(string raceId, string id, string name, string increases, int hitPoints, string weapons)
    {
        var subrace = Srd.Race(raceId).Subraces.ShouldHaveSingleItem();
        (subrace.Id, subrace.Name, subrace.HitPointsPerLevel).ShouldBe((id, name, hitPoints));
        Increases(subrace.Increases).ShouldBe(increases);
        string.Join(", ", subrace.Weapons.WeaponIds.Order()).ShouldBe(weapons);
    }

    [Fact]
    public void There_are_no_other_races_and_subraces()
    {
        Srd.Rulebook.Races.Count.ShouldBe(9);
        Srd.Rulebook.Races.Sum(race => race.Subraces.Count).ShouldBe(4);
    }

    private static string Increases(Abilities increases) =>
        string.Join(", ", Abilities.All.Where(ability => increases[ability] != 0).Select(ability => $"{ability.ToString()[..3]} {increases[ability]}"));
}
