using Savepoint.Modules.Characters.Items;

namespace Savepoint.Modules.Characters.Tests;

/// <summary>The Armor table of the SRD 5.1, pp. 63-64, line by line as it is printed there; and Donning and Doffing Armor, p. 64.</summary>
public sealed class ArmorTableTests
{
    private const string Light = """
        Padded | 5 gp | 11 + Dex modifier | — | Disadvantage | 8 lb.
        Leather | 10 gp | 11 + Dex modifier | — | — | 10 lb.
        Studded leather | 45 gp | 12 + Dex modifier | — | — | 13 lb.
        """;

    private const string Medium = """
        Hide | 10 gp | 12 + Dex modifier (max 2) | — | — | 12 lb.
        Chain shirt | 50 gp | 13 + Dex modifier (max 2) | — | — | 20 lb.
        Scale mail | 50 gp | 14 + Dex modifier (max 2) | — | Disadvantage | 45 lb.
        Breastplate | 400 gp | 14 + Dex modifier (max 2) | — | — | 20 lb.
        Half plate | 750 gp | 15 + Dex modifier (max 2) | — | Disadvantage | 40 lb.
        """;

    private const string Heavy = """
        Ring mail | 30 gp | 14 | — | Disadvantage | 40 lb.
        Chain mail | 75 gp | 16 | Str 13 | Disadvantage | 55 lb.
        Splint | 200 gp | 17 | Str 15 | Disadvantage | 60 lb.
        Plate | 1500 gp | 18 | Str 15 | Disadvantage | 65 lb.
        """;

    [Theory]
    [InlineData(ArmorCategory.Light, Light)]
    [InlineData(ArmorCategory.Medium, Medium)]
    [InlineData(ArmorCategory.Heavy, Heavy)]
    public void Armors_are_as_the_SRD_prints_them(ArmorCategory category, string table) =>
        Srd.Rulebook.Armors.Where(armor => armor.Category == category).Select(Line).ShouldBe(table.ReplaceLineEndings("\n").Split('\n'));

    [Fact]
    public void The_shield_is_as_the_SRD_prints_it()
    {
        var shield = Srd.Rulebook.Shields.ShouldHaveSingleItem();
        string.Join(" | ", shield.Id, shield.Name, Print.Cost(shield.CostCopper), Print.Signed(shield.ArmorClassBonus), Print.Weight(shield.WeightPounds))
            .ShouldBe("shield | Shield | 10 gp | +2 | 6 lb.");
    }

    [Theory]
    [InlineData(ArmorCategory.Light, 1, 1)]
    [InlineData(ArmorCategory.Medium, 5, 1)]
    [InlineData(ArmorCategory.Heavy, 10, 5)]
    public void The_heavier_the_armor_the_longer_it_takes_to_don_and_doff(ArmorCategory category, int don, int doff) =>
        Srd.Rulebook.Armors.Where(armor => armor.Category == category).ShouldAllBe(armor => armor.DonMinutes == don && armor.DoffMinutes == doff);

    private static string Line(Armor armor)
    {
        var dexterity = armor.Category switch
        {
            ArmorCategory.Light => " + Dex modifier",
            ArmorCategory.Medium => $" + Dex modifier (max {armor.DexterityLimit})",
            _ => "",
        };
        return string.Join(" | ", armor.Name, Print.Cost(armor.CostCopper), armor.ArmorClass + dexterity, armor.Strength == 0 ? "—" : $"Str {armor.Strength}", armor.StealthDisadvantage ? "Disadvantage" : "—", Print.Weight(armor.WeightPounds));
    }
}
