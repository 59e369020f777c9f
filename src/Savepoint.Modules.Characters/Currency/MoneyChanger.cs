namespace Savepoint.Modules.Characters.Currency;

/// <summary>Exchanging coins of one kind for another (SRD 5.1, Standard Exchange Rates table, p. 62).</summary>
public static class MoneyChanger
{
    /// <summary>
    /// Gives as many whole coins as the offered ones are worth, rounded down, and takes only what those cost:
    /// what doesn't make a whole coin stays in the purse, so that no exchange changes what the purse is worth.
    /// </summary>
    /// <param name="held">The coins in the purse, none below 0.</param>
    /// <param name="from">The kind to give.</param>
    /// <param name="to">The kind to get.</param>
    /// <param name="amount">How many to give at most; all of them have to be there.</param>
    /// <returns>
    /// The coins in the purse then, or <see cref="CharacterErrorCodes.ExchangeInvalid"/>, <see cref="CharacterErrorCodes.NotEnoughCurrency"/>,
    /// <see cref="CharacterErrorCodes.ExchangeTooSmall"/> or <see cref="CharacterErrorCodes.CurrencyOverflow"/>.
    /// </returns>
    public static Ruling<CoinCounts> Exchange(CoinCounts held, Coin from, Coin to, long amount)
    {
        if (amount <= 0 || from == to)
            return CharacterErrors.ExchangeInvalid;
        if (amount > held[from])
            return Purse.NotEnough(from, held[from]);

        var given = (Int128)amount * from.WorthInCopper() / to.WorthInCopper();
        if (given == 0)
            return CharacterErrors.ExchangeTooSmall with { Detail = $"{amount} {from.Abbreviation()} are not worth one {to.Abbreviation()}." };
        var after = held[to] + given;
        if (after > long.MaxValue)
            return Purse.Overflow(to);

        // Exact, since of two worths the smaller divides the larger.
        var taken = given * to.WorthInCopper() / from.WorthInCopper();
        return held.With(from, held[from] - (long)taken).With(to, (long)after);
    }
}
