using System.Text;
using Savepoint.Modules.Characters.Data;

namespace Savepoint.Modules.Characters.Tests;

public sealed class RulebookTests
{
    private const string Sword = """{ "id": "sword", "name": "Sword", "category": "martial", "kind": "melee", "costCopper": 1, "weightPounds": 1, "damage": "1d6", "damageType": "slashing", "properties": ["light"] }""";
    private const string Armor = """{ "id": "coat", "name": "Coat", "category": "light", "costCopper": 1, "weightPounds": 1, "armorClass": 11, "donMinutes": 1, "doffMinutes": 1 }""";
    private const string Buckler = """{ "id": "buckler", "name": "Buckler", "costCopper": 1, "weightPounds": 1, "armorClassBonus": 1 }""";
    private const string Orc = """{ "id": "orc", "name": "Orc", "size": "medium", "speedFeet": 30, "increases": { "strength": 2 }, "weapons": ["sword"], "subraces": [{ "id": "grey-orc", "name": "Grey orc", "increases": {} }] }""";
    private const string Guard = """{ "id": "guard", "name": "Guard", "hitDie": "d8", "savingThrows": ["strength", "wisdom"], "armor": ["medium"], "weapons": ["sword"] }""";
    private const string Book = $$"""
        { "source": "S", "license": "L", "attribution": "A", "changes": "C",
          "weapons": [{{Sword}}], "armors": [{{Armor}}], "shields": [{{Buckler}}], "races": [{{Orc}}], "classes": [{{Guard}}] }
        """;

    [Fact]
    public void A_game_may_have_a_rulebook_of_its_own()
    {
        var book = Load(Book);
        book.Header.ShouldBe(new RulebookHeader("S", "L", "A", "C"));
        book.FindWeapon("sword").Result.Name.ShouldBe("Sword");
        book.FindArmor("coat").Result.Name.ShouldBe("Coat");
        book.FindShield("buckler").Result.ArmorClassBonus.ShouldBe(1);
        book.FindRace("orc").Result.Subraces.ShouldHaveSingleItem().Id.ShouldBe("grey-orc");
        book.FindClass("guard").Result.HitDie.ShouldBe(8);
    }

    [Fact]
    public void The_SRD_comes_with_the_words_that_its_licence_asks_for()
    {
        Srd.Rulebook.Header.License.ShouldBe("CC-BY-4.0");
        Srd.Rulebook.Header.Source.ShouldStartWith("System Reference Document 5.1");
        Srd.Rulebook.Header.Attribution.ShouldBe(
            "This work includes material taken from the System Reference Document 5.1 (\"SRD 5.1\") by Wizards of the Coast LLC and available at " +
            "https://dnd.wizards.com/resources/systems-reference-document. The SRD 5.1 is licensed under the Creative Commons Attribution 4.0 International License " +
            "available at https://creativecommons.org/licenses/by/4.0/legalcode.");
        Srd.Rulebook.Header.Changes.ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [InlineData("longsword")]
    [InlineData("")]
    [InlineData("CHAIN-MAIL")]
    public void What_is_not_in_the_book_has_a_code_of_its_own(string id)
    {
        var empty = Load("""{ "source": "S", "license": "L", "attribution": "A", "changes": "C", "weapons": [], "armors": [], "shields": [], "races": [], "classes": [] }""");
        empty.FindWeapon(id).ShouldBeRefused("WEAPON_NOT_FOUND");
        empty.FindArmor(id).ShouldBeRefused("ARMOR_NOT_FOUND");
        empty.FindShield(id).ShouldBeRefused("SHIELD_NOT_FOUND");
        empty.FindRace(id).ShouldBeRefused("RACE_NOT_FOUND");
        empty.FindClass(id).ShouldBeRefused("CLASS_NOT_FOUND");
    }

    [Fact]
    public void An_item_is_found_among_its_own_kind_only()
    {
        Srd.Rulebook.FindArmor("longsword").ShouldBeRefused(CharacterErrorCodes.ArmorNotFound);
        Srd.Rulebook.FindWeapon("plate").ShouldBeRefused(CharacterErrorCodes.WeaponNotFound);
        Srd.Rulebook.FindShield("plate").ShouldBeRefused(CharacterErrorCodes.ShieldNotFound);
    }

    [Theory]
    [InlineData("\"source\": \"S\"", "\"source\": \" \"", "source")]
    [InlineData("\"license\": \"L\", ", "", "license")]
    [InlineData("\"changes\": \"C\"", "\"changes\": \"C\", \"extra\": 1", "extra")]
    [InlineData("\"id\": \"sword\"", "\"id\": \"Sword\"", "weapons[0].id", "races[0].weapons", "classes[0].weapons")]
    [InlineData("\"id\": \"sword\"", "\"id\": \"sword\", \"id\": \"sword\"", "weapons[0].id")]
    [InlineData("\"kind\": \"melee\"", "\"kind\": \"melee\", \"magic\": true", "weapons[0].magic")]
    [InlineData("\"category\": \"martial\"", "\"category\": \"Martial\"", "weapons[0].category")]
    [InlineData("\"damage\": \"1d6\"", "\"damage\": \"1d5\"", "weapons[0].damage")]
    [InlineData("\"damage\": \"1d6\", ", "", "weapons[0].damage", "weapons[0].damageType")]
    [InlineData("\"damageType\": \"slashing\", ", "", "weapons[0].damageType")]
    [InlineData("\"damageType\": \"slashing\"", "\"damageType\": \"loud\"", "weapons[0].damageType")]
    [InlineData("[\"light\"]", "[\"light\", \"light\"]", "weapons[0].properties")]
    [InlineData("[\"light\"]", "[\"none\"]", "weapons[0].properties")]
    [InlineData("[\"light\"]", "[\"light\", 1]", "weapons[0].properties")]
    [InlineData("[\"light\"]", "[\"light\", \"two-handed\"]", "weapons[0].properties")]
    [InlineData("[\"light\"]", "[\"versatile\"]", "weapons[0].versatileDamage")]
    [InlineData("[\"light\"]", "[], \"versatileDamage\": \"1d8\"", "weapons[0].versatileDamage")]
    [InlineData("[\"light\"]", "[\"thrown\"]", "weapons[0].rangeFeet")]
    [InlineData("[\"light\"]", "[], \"rangeFeet\": { \"normal\": 20, \"long\": 60 }", "weapons[0].rangeFeet")]
    [InlineData("[\"light\"]", "[\"thrown\"], \"rangeFeet\": { \"normal\": 20, \"long\": 10 }", "weapons[0].rangeFeet.long")]
    [InlineData("[\"light\"]", "[\"thrown\"], \"rangeFeet\": { \"normal\": 20, \"long\": 60, \"far\": 1 }", "weapons[0].rangeFeet.far")]
    [InlineData("[\"light\"]", "[\"ammunition\"], \"rangeFeet\": { \"normal\": 20, \"long\": 60 }", "weapons[0].properties")]
    [InlineData("\"kind\": \"melee\"", "\"kind\": \"ranged\"", "weapons[0].properties")]
    [InlineData("\"armorClass\": 11", "\"armorClass\": 9", "armors[0].armorClass")]
    [InlineData("\"armorClass\": 11", "\"armorClass\": 11.5", "armors[0].armorClass")]
    [InlineData("\"armorClass\": 11", "\"armorClass\": \"11\"", "armors[0].armorClass")]
    [InlineData("\"armorClass\": 11", "\"armorClass\": 11, \"dexterityLimit\": 2", "armors[0].dexterityLimit")]
    [InlineData("\"category\": \"light\"", "\"category\": \"medium\"", "armors[0].dexterityLimit")]
    [InlineData("\"category\": \"light\"", "\"category\": \"light\", \"stealthDisadvantage\": 1", "armors[0].stealthDisadvantage")]
    [InlineData("\"id\": \"coat\"", "\"id\": \"sword\"", "armors[0].id")]
    [InlineData("\"id\": \"buckler\"", "\"id\": \"sword\"", "shields[0].id")]
    [InlineData("\"armorClassBonus\": 1", "\"armorClassBonus\": 0", "shields[0].armorClassBonus")]
    [InlineData("\"strength\": 2", "\"luck\": 2", "races[0].increases.luck")]
    [InlineData("\"increases\": {} ", "\"increases\": {}, \"weapons\": [\"spoon\"] ", "races[0].subraces[0].weapons")]
    [InlineData("\"id\": \"grey-orc\"", "\"id\": \"orc\"", "races[0].subraces[0].id")]
    [InlineData("\"hitDie\": \"d8\"", "\"hitDie\": \"d20\"", "classes[0].hitDie")]
    [InlineData("[\"strength\", \"wisdom\"]", "[\"strength\"]", "classes[0].savingThrows")]
    [InlineData("\"shields\": [", "\"shields\": 1, \"helmets\": [", "shields", "helmets")]
    public void Whatever_is_wrong_is_found_where_it_is(string right, string wrong, params string[] places)
    {
        Book.ShouldContain(right);
        var errors = Should.Throw<RulebookException>(() => Load(Book.Replace(right, wrong))).Errors;
        errors.Select(error => error.Place).Distinct().ShouldBe(places, ignoreOrder: true);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var wrong = Book.Replace("1d6", "six").Replace("\"armorClass\": 11", "\"armorClass\": 99").Replace("\"id\": \"buckler\"", "\"id\": \"coat\"").Replace("\"hitDie\"", "\"hitDye\"");
        var exception = Should.Throw<RulebookException>(() => Load(wrong));
        string[] places = ["weapons[0].damage", "armors[0].armorClass", "shields[0].id", "classes[0].hitDie", "classes[0].hitDye"];
        exception.Errors.Select(error => error.Place).Distinct().ShouldBe(places, ignoreOrder: true);
        foreach (var place in places)
            exception.Message.ShouldContain(place);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{ "weapons": [1], "armors": [null], "shields": [[]], "races": ["elf"], "classes": [true] }""")]
    public void What_is_no_rulebook_at_all_is_refused(string text) => Should.Throw<RulebookException>(() => Load(text)).Errors.ShouldNotBeEmpty();

    private static Rulebook Load(string json) => Rulebook.Load(new MemoryStream(Encoding.UTF8.GetBytes(json)));
}
