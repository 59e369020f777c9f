using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

public sealed class AbilityModifierTests
{
    /// <summary>Ability Scores and Modifiers table, SRD 5.1 p. 76.</summary>
    [Theory]
    [InlineData(1, 1, -5)]
    [InlineData(2, 3, -4)]
    [InlineData(4, 5, -3)]
    [InlineData(6, 7, -2)]
    [InlineData(8, 9, -1)]
    [InlineData(10, 11, 0)]
    [InlineData(12, 13, 1)]
    [InlineData(14, 15, 2)]
    [InlineData(16, 17, 3)]
    [InlineData(18, 19, 4)]
    [InlineData(20, 21, 5)]
    [InlineData(22, 23, 6)]
    [InlineData(24, 25, 7)]
    [InlineData(26, 27, 8)]
    [InlineData(28, 29, 9)]
    [InlineData(30, 30, 10)]
    public void A_score_has_the_modifier_of_the_table(int from, int to, int modifier)
    {
        AbilityModifier.Of(from).ShouldBe(modifier);
        AbilityModifier.Of(to).ShouldBe(modifier);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void There_are_no_other_scores(int score)
    {
        Should.Throw<ArgumentOutOfRangeException>(() => AbilityModifier.Of(score));
        Should.Throw<ArgumentOutOfRangeException>(() => Srd.Sheet("human", "fighter", 1, new Abilities(10, 10, 10, 10, 10, score)));
    }

    [Fact]
    public void Each_ability_has_the_modifier_of_its_own_score() =>
        AbilityModifier.Of(new Abilities(1, 8, 10, 13, 18, 30)).ShouldBe(new Abilities(-5, -1, 0, 1, 4, 10));
}
