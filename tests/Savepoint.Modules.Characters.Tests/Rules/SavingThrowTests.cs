using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

public sealed class SavingThrowTests
{
    /// <summary>Saving Throws, SRD 5.1 p. 83, and each class's Proficiencies: at level 1 (+2), 9 (+4) and 17 (+6), with the modifiers 3, 2, 1, 0, −1, −2.</summary>
    [Theory]
    [InlineData("barbarian", "5 2 3 0 -1 -2", "7 2 5 0 -1 -2", "9 2 7 0 -1 -2")]
    [InlineData("bard", "3 4 1 0 -1 0", "3 6 1 0 -1 2", "3 8 1 0 -1 4")]
    [InlineData("cleric", "3 2 1 0 1 0", "3 2 1 0 3 2", "3 2 1 0 5 4")]
    [InlineData("druid", "3 2 1 2 1 -2", "3 2 1 4 3 -2", "3 2 1 6 5 -2")]
    [InlineData("fighter", "5 2 3 0 -1 -2", "7 2 5 0 -1 -2", "9 2 7 0 -1 -2")]
    [InlineData("monk", "5 4 1 0 -1 -2", "7 6 1 0 -1 -2", "9 8 1 0 -1 -2")]
    [InlineData("paladin", "3 2 1 0 1 0", "3 2 1 0 3 2", "3 2 1 0 5 4")]
    [InlineData("ranger", "5 4 1 0 -1 -2", "7 6 1 0 -1 -2", "9 8 1 0 -1 -2")]
    [InlineData("rogue", "3 4 1 2 -1 -2", "3 6 1 4 -1 -2", "3 8 1 6 -1 -2")]
    [InlineData("sorcerer", "3 2 3 0 -1 0", "3 2 5 0 -1 2", "3 2 7 0 -1 4")]
    [InlineData("warlock", "3 2 1 0 1 0", "3 2 1 0 3 2", "3 2 1 0 5 4")]
    [InlineData("wizard", "3 2 1 2 1 -2", "3 2 1 4 3 -2", "3 2 1 6 5 -2")]
    public void A_class_adds_its_proficiency_to_two_saving_throws(string characterClass, string atFirst, string atNinth, string atSeventeenth)
    {
        var scores = new Abilities(16, 14, 12, 10, 8, 6);
        string At(int level) => Line(DerivedStats.Of(Srd.Sheet("human", characterClass, level, scores)).SavingThrows);
        string[] lines = [At(1), At(9), At(17)];
        lines.ShouldBe([atFirst, atNinth, atSeventeenth]);
    }

    private static string Line(Abilities bonuses) => string.Join(' ', Abilities.All.Select(ability => bonuses[ability]));
}
