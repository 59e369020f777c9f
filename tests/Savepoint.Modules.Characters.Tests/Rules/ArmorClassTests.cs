using Savepoint.Modules.Characters.Rules;

namespace Savepoint.Modules.Characters.Tests;

public sealed class ArmorClassTests
{
    /// <summary>Armor table, SRD 5.1 pp. 63-64, for the Dexterity modifiers −3, 0, +1, +2, +3, +5.</summary>
    [Theory]
    [InlineData("", 7, 10, 11, 12, 13, 15)]
    [InlineData("padded", 8, 11, 12, 13, 14, 16)]
    [InlineData("leather", 8, 11, 12, 13, 14, 16)]
    [InlineData("studded-leather", 9, 12, 13, 14, 15, 17)]
    [InlineData("hide", 9, 12, 13, 14, 14, 14)]
    [InlineData("chain-shirt", 10, 13, 14, 15, 15, 15)]
    [InlineData("scale-mail", 11, 14, 15, 16, 16, 16)]
    [InlineData("breastplate", 11, 14, 15, 16, 16, 16)]
    [InlineData("half-plate", 12, 15, 16, 17, 17, 17)]
    [InlineData("ring-mail", 14, 14, 14, 14, 14, 14)]
    [InlineData("chain-mail", 16, 16, 16, 16, 16, 16)]
    [InlineData("splint", 17, 17, 17, 17, 17, 17)]
    [InlineData("plate", 18, 18, 18, 18, 18, 18)]
    public void Armor_gives_its_class_with_as_much_Dexterity_as_its_category_allows(string armorId, params int[] expected)
    {
        int[] dexterity = [-3, 0, 1, 2, 3, 5];
        var armor = Srd.Carrying(armorId).Armor;
        dexterity.Select(modifier => ArmorClass.Of(armor, null, modifier)).ShouldBe(expected);
        dexterity.Select(modifier => ArmorClass.Of(armor, Srd.Shield, modifier)).ShouldBe(expected.Select(armorClass => armorClass + 2));
    }
}
