namespace Savepoint.Modules.Characters.Currency;

/// <summary>Putting coins into a purse and taking them out (SRD 5.1, Coinage, p. 62).</summary>
public static class Purse
{
    /// <summary>
    /// Adds what is positive and takes what is negative: all of it or nothing. No kind of coin makes change for another.
    /// Answers <see cref="CharacterErrorCodes.NotEnoughCurrency"/> or <see cref="CharacterErrorCodes.CurrencyOverflow"/> otherwise.
    /// </summary>
    /// <param name="held">The coins in the purse, none below 0.</param>
    /// <param name="change">The coins to add and take: any 64-bit numbers.</param>
    /// <returns>The coins in the purse then.</returns>
    public static Ruling<CoinCounts> Modify(CoinCounts held, CoinCounts change)
    {
        var after = held;
        foreach (var coin in Coins.All)
        {
            var count = (Int128)held[coin] + change[coin];
            if (count < 0)
                return NotEnough(coin, held[coin]);
            if (count > long.MaxValue)
                return Overflow(coin);
            after = after.With(coin, (long)count);
        }
        return after;
    }

    internal static RuleError NotEnough(Coin coin, long held) =>
        CharacterErrors.NotEnoughCurrency with { Detail = $"There are only {held} {coin.Abbreviation()}." };

    internal static RuleError Overflow(Coin coin) =>
        CharacterErrors.CurrencyOverflow with { Detail = $"There would be more {coin.Abbreviation()} than can be counted." };
}
