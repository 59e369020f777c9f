using Savepoint.Modules.Characters.Currency;

namespace Savepoint.Modules.Characters.Tests;

public sealed class PurseTests
{
    private static readonly CoinCounts Held = new(Copper: 5, Silver: 4, Electrum: 3, Gold: 2, Platinum: 1);

    [Fact]
    public void Several_coins_change_together() =>
        Purse.Modify(Held, new CoinCounts(10, -4, 0, -1, 7)).Result.ShouldBe(new CoinCounts(15, 0, 3, 1, 8));

    [Theory]
    [InlineData(-6, 0, 0, 0, 0)]
    [InlineData(0, -5, 0, 0, 0)]
    [InlineData(0, 0, -4, 0, 0)]
    [InlineData(0, 0, 0, -3, 0)]
    [InlineData(0, 0, 0, 0, -2)]
    [InlineData(100, 100, 100, 100, -2)]
    [InlineData(-6, 100, 100, 100, 100)]
    [InlineData(long.MinValue, 0, 0, 0, 0)]
    public void Nobody_spends_coins_that_are_not_there(long copper, long silver, long electrum, long gold, long platinum) =>
        Purse.Modify(Held, new CoinCounts(copper, silver, electrum, gold, platinum)).ShouldBeRefused("NOT_ENOUGH_CURRENCY");

    [Fact]
    public void Gold_does_not_pay_for_missing_copper() =>
        Purse.Modify(new CoinCounts(Gold: 100), new CoinCounts(Copper: -1)).ShouldBeRefused("NOT_ENOUGH_CURRENCY");

    [Fact]
    public void A_purse_may_be_full_and_not_more()
    {
        Purse.Modify(new CoinCounts(Gold: long.MaxValue - 1), new CoinCounts(Gold: 1)).Result.ShouldBe(new CoinCounts(Gold: long.MaxValue));
        Purse.Modify(new CoinCounts(Gold: long.MaxValue), new CoinCounts(Gold: 1)).ShouldBeRefused("CURRENCY_OVERFLOW");
        Purse.Modify(new CoinCounts(Gold: long.MaxValue), new CoinCounts(Gold: long.MaxValue)).ShouldBeRefused("CURRENCY_OVERFLOW");
        Purse.Modify(new CoinCounts(Gold: long.MaxValue), new CoinCounts(Gold: -long.MaxValue)).Result.ShouldBe(default);
    }

    /// <summary>Standard Exchange Rates table, SRD 5.1 p. 62.</summary>
    [Theory]
    [InlineData("cp", Coin.Copper, 1)]
    [InlineData("sp", Coin.Silver, 10)]
    [InlineData("ep", Coin.Electrum, 50)]
    [InlineData("gp", Coin.Gold, 100)]
    [InlineData("pp", Coin.Platinum, 1000)]
    public void A_coin_has_its_worth(string abbreviation, Coin coin, int copper)
    {
        Coins.Find(abbreviation).Result.ShouldBe(coin);
        coin.Abbreviation().ShouldBe(abbreviation);
        coin.WorthInCopper().ShouldBe(copper);
        default(CoinCounts).With(coin, 3).WorthInCopper.ShouldBe(3 * copper);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GP")]
    [InlineData("gold")]
    public void There_are_no_other_coins(string abbreviation) => Coins.Find(abbreviation).ShouldBeRefused("COIN_NOT_FOUND");

    [Fact]
    public void The_worth_of_the_fullest_purse_can_be_told() =>
        new CoinCounts(long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue).WorthInCopper.ShouldBe((Int128)long.MaxValue * 1161);
}
