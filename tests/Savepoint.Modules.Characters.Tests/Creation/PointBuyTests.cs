using Savepoint.Modules.Characters.Creation;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

public sealed class PointBuyTests
{
    [Theory]
    [InlineData(8, 0)]
    [InlineData(9, 1)]
    [InlineData(10, 2)]
    [InlineData(11, 3)]
    [InlineData(12, 4)]
    [InlineData(13, 5)]
    [InlineData(14, 7)]
    [InlineData(15, 9)]
    public void A_score_has_its_price(int score, int points) => PointBuy.Cost(score).Result.ShouldBe(points);

    [Theory]
    [InlineData(15, 15, 15, 8, 8, 8)]
    [InlineData(15, 14, 13, 12, 10, 8)]
    [InlineData(13, 13, 13, 12, 12, 12)]
    [InlineData(8, 8, 8, 8, 8, 8)]
    public void Scores_for_up_to_27_points_are_sold(int strength, int dexterity, int constitution, int intelligence, int wisdom, int charisma)
    {
        var scores = new Abilities(strength, dexterity, constitution, intelligence, wisdom, charisma);
        PointBuy.Buy(scores).Result.ShouldBe(scores);
    }

    [Theory]
    [InlineData(15, 15, 15, 9, 8, 8)]
    [InlineData(15, 14, 13, 12, 10, 9)]
    [InlineData(15, 15, 15, 15, 15, 15)]
    public void Scores_for_more_are_not(int strength, int dexterity, int constitution, int intelligence, int wisdom, int charisma) =>
        PointBuy.Buy(new Abilities(strength, dexterity, constitution, intelligence, wisdom, charisma)).ShouldBeRefused("NOT_ENOUGH_POINTS");

    [Theory]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(0)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void Other_scores_are_not_for_sale(int score)
    {
        PointBuy.Cost(score).ShouldBeRefused("ABILITY_SCORE_INVALID");
        PointBuy.Buy(new Abilities(8, 8, 8, 8, 8, score)).ShouldBeRefused("ABILITY_SCORE_INVALID");
    }
}
