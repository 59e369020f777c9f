namespace Savepoint.Modules.Characters.Currency;

/// <summary>The kinds of coins (SRD 5.1, Coinage, p. 62).</summary>
public enum Coin
{
    /// <summary>cp.</summary>
    Copper,

    /// <summary>sp, 10 copper.</summary>
    Silver,

    /// <summary>ep, 50 copper.</summary>
    Electrum,

    /// <summary>gp, 100 copper.</summary>
    Gold,

    /// <summary>pp, 1000 copper.</summary>
    Platinum,
}

/// <summary>What coins are worth, and how they are abbreviated (SRD 5.1, Standard Exchange Rates table, p. 62).</summary>
public static class Coins
{
    /// <summary>All kinds, from the least to the most worth.</summary>
    public static IReadOnlyList<Coin> All { get; } = [Coin.Copper, Coin.Silver, Coin.Electrum, Coin.Gold, Coin.Platinum];

    /// <summary>What one coin is worth, in copper pieces. Each worth divides the next one.</summary>
    public static int WorthInCopper(this Coin coin) => coin switch
    {
        Coin.Copper => 1,
        Coin.Silver => 10,
        Coin.Electrum => 50,
        Coin.Gold => 100,
        Coin.Platinum => 1000,
        _ => throw new ArgumentOutOfRangeException(nameof(coin), coin, "is no coin"),
    };

    /// <summary><c>cp</c>, <c>sp</c>, <c>ep</c>, <c>gp</c> or <c>pp</c>.</summary>
    public static string Abbreviation(this Coin coin) => coin switch
    {
        Coin.Copper => "cp",
        Coin.Silver => "sp",
        Coin.Electrum => "ep",
        Coin.Gold => "gp",
        Coin.Platinum => "pp",
        _ => throw new ArgumentOutOfRangeException(nameof(coin), coin, "is no coin"),
    };

    /// <summary>The coin with an abbreviation, or <see cref="CharacterErrorCodes.CoinNotFound"/>.</summary>
    public static Ruling<Coin> Find(string abbreviation)
    {
        foreach (var coin in All)
        {
            if (coin.Abbreviation() == abbreviation)
                return coin;
        }
        return CharacterErrors.CoinNotFound;
    }
}
