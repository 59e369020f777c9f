namespace Savepoint.Modules.Characters.Tests;

/// <summary>Hit dice and proficiencies of the classes of the SRD 5.1, pp. 8-55, on the first page of each.</summary>
public sealed class ClassTableTests
{
    private const string EverySimpleOne =
        "club, dagger, dart, greatclub, handaxe, javelin, light-crossbow, light-hammer, mace, quarterstaff, shortbow, sickle, sling, spear";

    private const string EveryMartialOne =
        "battleaxe, blowgun, flail, glaive, greataxe, greatsword, halberd, hand-crossbow, heavy-crossbow, lance, longbow, longsword, maul, morningstar, net, pike, rapier, scimitar, shortsword, trident, war-pick, warhammer, whip";

    [Theory]
    [InlineData("barbarian", 12, "Strength, Constitution", "Light, Medium, shields", EverySimpleOne + ", " + EveryMartialOne)]
    [InlineData("bard", 8, "Dexterity, Charisma", "Light", EverySimpleOne + ", hand-crossbow, longsword, rapier, shortsword")]
    [InlineData("cleric", 8, "Wisdom, Charisma", "Light, Medium, shields", EverySimpleOne)]
    [InlineData("druid", 8, "Intelligence, Wisdom", "Light, Medium, shields", "club, dagger, dart, javelin, mace, quarterstaff, scimitar, sickle, sling, spear")]
    [InlineData("fighter", 10, "Strength, Constitution", "Light, Medium, Heavy, shields", EverySimpleOne + ", " + EveryMartialOne)]
    [InlineData("monk", 8, "Strength, Dexterity", "", EverySimpleOne + ", shortsword")]
    [InlineData("paladin", 10, "Wisdom, Charisma", "Light, Medium, Heavy, shields", EverySimpleOne + ", " + EveryMartialOne)]
    [InlineData("ranger", 10, "Strength, Dexterity", "Light, Medium, shields", EverySimpleOne + ", " + EveryMartialOne)]
    [InlineData("rogue", 8, "Dexterity, Intelligence", "Light", EverySimpleOne + ", hand-crossbow, longsword, rapier, shortsword")]
    [InlineData("sorcerer", 6, "Constitution, Charisma", "", "dagger, dart, light-crossbow, quarterstaff, sling")]
    [InlineData("warlock", 8, "Wisdom, Charisma", "Light", EverySimpleOne)]
    [InlineData("wizard", 6, "Intelligence, Wisdom", "", "dagger, dart, light-crossbow, quarterstaff, sling")]
    public void A_class_has_its_hit_die_and_proficiencies(string id, int hitDie, string savingThrows, string armor, string weapons)
    {
        var characterClass = Srd.Class(id);
        characterClass.HitDie.ShouldBe(hitDie);
        string.Join(", ", characterClass.SavingThrows.Order()).ShouldBe(savingThrows);
        string.Join(", ", characterClass.Armor.Order().Select(category => category.ToString()).Concat(characterClass.Shields ? ["shields"] : [])).ShouldBe(armor);
        Srd.Rulebook.Weapons.Where(characterClass.Weapons.Covers).Select(weapon => weapon.Id).ShouldBe(weapons.Split(", "), ignoreOrder: true);
    }

    [Fact]
    public void There_are_no_other_classes() => Srd.Rulebook.Classes.Count.ShouldBe(12);
}
