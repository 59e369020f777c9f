using Savepoint.Modules.Characters.Rules;

namespace Savepoint.Modules.Characters.Tests;

public sealed class SpeedTests
{
    /// <summary>Speeds of the races, SRD 5.1 pp. 3-7; Heavy Armor, p. 63: unarmored; in chain mail with Strength 12 and 13; in plate with 14 and 15.</summary>
    [Theory]
    [InlineData("dwarf", 25, 25, 25, 25, 25)]
    [InlineData("elf", 30, 20, 30, 20, 30)]
    [InlineData("halfling", 25, 15, 25, 15, 25)]
    [InlineData("human", 30, 20, 30, 20, 30)]
    [InlineData("dragonborn", 30, 20, 30, 20, 30)]
    [InlineData("gnome", 25, 15, 25, 15, 25)]
    [InlineData("half-elf", 30, 20, 30, 20, 30)]
    [InlineData("half-orc", 30, 20, 30, 20, 30)]
    [InlineData("tiefling", 30, 20, 30, 20, 30)]
    public void Heavy_armor_slows_whoever_is_too_weak_for_it_except_dwarves(string raceId, params int[] expected)
    {
        var race = Srd.Race(raceId);
        var (chainMail, plate) = (Srd.Armor("chain-mail"), Srd.Armor("plate"));
        int[] speeds = [Speed.Of(race, null, 1), Speed.Of(race, chainMail, 12), Speed.Of(race, chainMail, 13), Speed.Of(race, plate, 14), Speed.Of(race, plate, 15)];
        speeds.ShouldBe(expected);
    }

    [Theory]
    [InlineData("padded", 30)]
    [InlineData("leather", 30)]
    [InlineData("studded-leather", 30)]
    [InlineData("hide", 30)]
    [InlineData("chain-shirt", 30)]
    [InlineData("scale-mail", 30)]
    [InlineData("breastplate", 30)]
    [InlineData("half-plate", 30)]
    [InlineData("ring-mail", 30)]
    [InlineData("chain-mail", 20)]
    [InlineData("splint", 20)]
    [InlineData("plate", 20)]
    public void Only_armor_that_asks_for_Strength_slows(string armor, int expected) =>
        Speed.Of(Srd.Race("human"), Srd.Armor(armor), strengthScore: 8).ShouldBe(expected);
}
