using Savepoint.Modules.Characters.Creation;

namespace Savepoint.Modules.Characters.Tests;

public sealed class CharacterNameTests
{
    [Theory]
    [InlineData("Bob")]
    [InlineData("Drizzt")]
    [InlineData("Abcdefghijklmno")]
    [InlineData("Éowyn")]
    [InlineData("Øyvind")]
    [InlineData("Ярослав")]
    [InlineData("Ἀχιλλεύς")]
    [InlineData("浪人剣")]
    [InlineData("한국인")]
    [InlineData("𐌰𐌱𐌲")]
    public void Three_to_fifteen_letters_are_a_name(string name) => CharacterName.Check(name).Result.ShouldBe(name);

    [Theory]
    [InlineData("")]
    [InlineData("Bo")]
    [InlineData("Abcdefghijklmnop")]
    [InlineData("Two Words")]
    [InlineData(" Bob")]
    [InlineData("Bob ")]
    [InlineData("Bob\n")]
    [InlineData("Bob\0")]
    [InlineData("R2D2")]
    [InlineData("O'Neil")]
    [InlineData("Jean-Luc")]
    [InlineData("Bob!")]
    [InlineData("<script>")]
    [InlineData("e\u0301owyn")]
    [InlineData("Bob\u200D")]
    [InlineData("Bob\u202E")]
    [InlineData("\u3164\u3164\u3164")]
    [InlineData("Bob\u3164")]
    [InlineData("\uD800bob")]
    [InlineData("😀😀😀")]
    [InlineData("аdmin")]
    [InlineData("ａｄｍｉｎ")]
    [InlineData("𝐚𝐝𝐦𝐢𝐧")]
    [InlineData("ᴀᴅᴍɪɴ")]
    [InlineData("Kin\u212A")]
    [InlineData("ſystem")]
    public void Nothing_else_is_a_name(string name) => CharacterName.Check(name).ShouldBeRefused("NAME_INVALID");

    [Theory]
    [InlineData("admin")]
    [InlineData("Admin")]
    [InlineData("ADMIN")]
    [InlineData("GameMaster")]
    [InlineData("Null")]
    public void Some_names_are_reserved_in_any_case(string name) => CharacterName.Check(name).ShouldBeRefused("NAME_RESERVED");

    [Fact]
    public void A_game_reserves_names_of_its_own()
    {
        var reserved = new HashSet<string> { "gandalf" };
        CharacterName.Check("Gandalf", reserved).ShouldBeRefused("NAME_RESERVED");
        CharacterName.Check("Admin", reserved).Result.ShouldBe("Admin");
    }

    [Fact]
    public void The_names_reserved_by_default_could_be_names() => CharacterName.DefaultReserved.ShouldAllBe(name => CharacterName.Fold(name) == name && CharacterName.Check(name, new HashSet<string>()).Error == null);

    [Theory]
    [InlineData("Bob", "bOB")]
    [InlineData("Éowyn", "éOWYN")]
    [InlineData("Ярослав", "яРОСЛАВ")]
    [InlineData("ΣΙΣΥΦΟΣ", "σισυφος")]
    public void Names_that_differ_in_case_are_the_same(string name, string other) => CharacterName.Fold(name).ShouldBe(CharacterName.Fold(other));
}
