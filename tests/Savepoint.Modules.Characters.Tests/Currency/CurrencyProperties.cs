using FsCheck;
using FsCheck.Fluent;
using Savepoint.Modules.Characters.Currency;
using Property = Savepoint.Documents.Tests.Property;

namespace Savepoint.Modules.Characters.Tests;

/// <summary>What holds for every purse, with the edges of 64 bits among the numbers.</summary>
public sealed class CurrencyProperties
{
    private static readonly long[] Edges = [0, 1, 9, 10, 49, 50, 99, 100, 999, 1000, long.MaxValue / 1000, (long.MaxValue / 10) + 1, long.MaxValue - 1, long.MaxValue];

    private static readonly Gen<long> Count = Gen.OneOf(Gen.Choose(0, 3000).Select(n => (long)n), Gen.Elements(Edges));

    private static readonly Gen<long> Change = Gen.OneOf(Count, Count.Select(n => -n), Gen.Constant(long.MinValue));

    private static readonly Gen<CoinCounts> Held = Five(Count);

    private static readonly Gen<Exchange> Exchanges =
        from held in Held
        from kinds in Gen.Elements(Coins.All.ToArray()).ArrayOf(2)
        from amount in Gen.OneOf(Change, Gen.Elements(Coins.All.Select(coin => held[coin]).ToArray()))
        select new Exchange(held, kinds[0], kinds[1], amount);

    [Fact]
    public void No_exchange_changes_what_a_purse_is_worth() => Property.Holds(Exchanges, sample =>
    {
        var (held, from, to, amount) = sample;
        if (!MoneyChanger.Exchange(held, from, to, amount).IsAllowed(out var after, out _))
            return;
        after.WorthInCopper.ShouldBe(held.WorthInCopper);
        after[from].ShouldBeInRange(held[from] - amount, held[from] - 1);
        after[to].ShouldBeGreaterThan(held[to]);
        foreach (var other in Coins.All.Where(coin => coin != from && coin != to))
            after[other].ShouldBe(held[other]);
    });

    [Fact]
    public void An_exchange_gives_all_that_the_offered_coins_are_worth() => Property.Holds(Exchanges, sample =>
    {
        var (held, from, to, amount) = sample;
        if (!MoneyChanger.Exchange(held, from, to, amount).IsAllowed(out var after, out _))
            return;
        var unused = amount - (held[from] - after[from]);
        ((Int128)unused * from.WorthInCopper()).ShouldBeLessThan(to.WorthInCopper());
    });

    [Fact]
    public void A_change_is_made_whole_or_not_at_all() => Property.Holds(Held.Zip(Five(Change)), pair =>
    {
        var (held, change) = pair;
        var expected = Coins.All.Select(coin => (Int128)held[coin] + change[coin]).ToArray();
        if (Purse.Modify(held, change).IsAllowed(out var after, out var error))
            Coins.All.Select(coin => (Int128)after[coin]).ShouldBe(expected);
        else if (error.Code == CharacterErrorCodes.NotEnoughCurrency)
            expected.ShouldContain(count => count < 0);
        else
            expected.ShouldContain(count => count > long.MaxValue);
        expected.All(count => count >= 0 && count <= long.MaxValue).ShouldBe(error is null);
    });

    [Fact]
    public void What_was_put_in_can_be_taken_out_again() => Property.Holds(Held.Zip(Five(Count)), pair =>
    {
        var (held, gift) = pair;
        if (!Purse.Modify(held, gift).IsAllowed(out var richer, out _))
            return;
        Purse.Modify(richer, new CoinCounts(-gift.Copper, -gift.Silver, -gift.Electrum, -gift.Gold, -gift.Platinum)).Result.ShouldBe(held);
    });

    [Fact]
    public void The_samples_reach_every_outcome()
    {
        var codes = Exchanges.Sample(50, new Rnd(1, 1), 2000).Select(sample => MoneyChanger.Exchange(sample.Held, sample.From, sample.To, sample.Amount).Error?.Code ?? "allowed").Distinct();
        codes.ShouldBe(["allowed", "EXCHANGE_INVALID", "NOT_ENOUGH_CURRENCY", "EXCHANGE_TOO_SMALL", "CURRENCY_OVERFLOW"], ignoreOrder: true);
    }

    private static Gen<CoinCounts> Five(Gen<long> count) =>
        count.ArrayOf(5).Select(numbers => new CoinCounts(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]));

    private sealed record Exchange(CoinCounts Held, Coin From, Coin To, long Amount);
}
