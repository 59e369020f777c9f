using Savepoint.Modules.Characters.Currency;

namespace Savepoint.Modules.Characters.Tests;

public sealed class MoneyChangerTests
{
    /// <summary>What ten of each are worth in each other kind: Standard Exchange Rates table, SRD 5.1 p. 62.</summary>
    [Theory]
    [InlineData(Coin.Copper, Coin.Silver, 10, 1)]
    [InlineData(Coin.Copper, Coin.Electrum, 50, 1)]
    [InlineData(Coin.Copper, Coin.Gold, 100, 1)]
    [InlineData(Coin.Copper, Coin.Platinum, 1000, 1)]
    [InlineData(Coin.Silver, Coin.Copper, 10, 100)]
    [InlineData(Coin.Silver, Coin.Electrum, 10, 2)]
    [InlineData(Coin.Silver, Coin.Gold, 10, 1)]
    [InlineData(Coin.Silver, Coin.Platinum, 100, 1)]
    [InlineData(Coin.Electrum, Coin.Copper, 10, 500)]
    [InlineData(Coin.Electrum, Coin.Silver, 10, 50)]
    [InlineData(Coin.Electrum, Coin.Gold, 10, 5)]
    [InlineData(Coin.Electrum, Coin.Platinum, 20, 1)]
    [InlineData(Coin.Gold, Coin.Copper, 10, 1000)]
    [InlineData(Coin.Gold, Coin.Silver, 10, 100)]
    [InlineData(Coin.Gold, Coin.Electrum, 10, 20)]
    [InlineData(Coin.Gold, Coin.Platinum, 10, 1)]
    [InlineData(Coin.Platinum, Coin.Copper, 10, 10000)]
    [InlineData(Coin.Platinum, Coin.Silver, 10, 1000)]
    [InlineData(Coin.Platinum, Coin.Electrum, 10, 200)]
    [InlineData(Coin.Platinum, Coin.Gold, 10, 100)]
    public void Coins_are_exchanged_at_the_rates_of_the_table(Coin from, Coin to, long amount, long expected) =>
        MoneyChanger.Exchange(default(CoinCounts).With(from, amount), from, to, amount).Result.ShouldBe(default(CoinCounts).With(to, expected));

    [Fact]
    public void What_makes_no_whole_coin_stays_in_the_purse() =>
        MoneyChanger.Exchange(new CoinCounts(Copper: 30, Silver: 1), Coin.Copper, Coin.Silver, 29).Result.ShouldBe(new CoinCounts(Copper: 10, Silver: 3));

    [Theory]
    [InlineData(Coin.Copper, Coin.Silver, 9)]
    [InlineData(Coin.Copper, Coin.Platinum, 999)]
    [InlineData(Coin.Silver, Coin.Electrum, 4)]
    [InlineData(Coin.Electrum, Coin.Gold, 1)]
    [InlineData(Coin.Gold, Coin.Platinum, 9)]
    public void Less_than_one_coin_is_no_exchange(Coin from, Coin to, long amount) =>
        MoneyChanger.Exchange(default(CoinCounts).With(from, amount), from, to, amount).ShouldBeRefused("EXCHANGE_TOO_SMALL");

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void An_exchange_takes_at_least_one_coin(long amount) =>
        MoneyChanger.Exchange(new CoinCounts(Gold: 10), Coin.Gold, Coin.Silver, amount).ShouldBeRefused("EXCHANGE_INVALID");

    [Fact]
    public void A_coin_is_not_exchanged_for_its_like() =>
        MoneyChanger.Exchange(new CoinCounts(Gold: 10), Coin.Gold, Coin.Gold, 1).ShouldBeRefused("EXCHANGE_INVALID");

    [Theory]
    [InlineData(11)]
    [InlineData(long.MaxValue)]
    public void Nobody_exchanges_coins_that_are_not_there(long amount) =>
        MoneyChanger.Exchange(new CoinCounts(Gold: 10), Coin.Gold, Coin.Silver, amount).ShouldBeRefused("NOT_ENOUGH_CURRENCY");

    [Fact]
    public void An_exchange_never_overflows()
    {
        MoneyChanger.Exchange(new CoinCounts(Platinum: long.MaxValue), Coin.Platinum, Coin.Copper, long.MaxValue).ShouldBeRefused("CURRENCY_OVERFLOW");
        MoneyChanger.Exchange(new CoinCounts(Copper: long.MaxValue, Silver: 1), Coin.Silver, Coin.Copper, 1).ShouldBeRefused("CURRENCY_OVERFLOW");
        MoneyChanger.Exchange(new CoinCounts(Copper: long.MaxValue), Coin.Copper, Coin.Silver, long.MaxValue).Result
            .ShouldBe(new CoinCounts(Copper: 7, Silver: 922_337_203_685_477_580));
    }
}
