namespace Savepoint.Modules.Characters.Currency;

/// <summary>Numbers of coins by kind: those in a purse, or those that are added to it and taken from it.</summary>
/// <param name="Copper">cp.</param>
/// <param name="Silver">sp.</param>
/// <param name="Electrum">ep.</param>
/// <param name="Gold">gp.</param>
/// <param name="Platinum">pp.</param>
public readonly record struct CoinCounts(long Copper = 0, long Silver = 0, long Electrum = 0, long Gold = 0, long Platinum = 0)
{
    /// <summary>The number of one kind.</summary>
    public long this[Coin coin] => coin switch
    {
        Coin.Copper => Copper,
        Coin.Silver => Silver,
        Coin.Electrum => Electrum,
        Coin.Gold => Gold,
        Coin.Platinum => Platinum,
        _ => throw new ArgumentOutOfRangeException(nameof(coin), coin, "is no coin"),
    };

    /// <summary>What they are worth together, in copper pieces. It may be more than 64 bits hold.</summary>
    public Int128 WorthInCopper
    {
        get
        {
            Int128 worth = 0;
            foreach (var coin in Coins.All)
                worth += (Int128)this[coin] * coin.WorthInCopper();
            return worth;
        }
    }

    /// <summary>The same with another number of one kind.</summary>
    public CoinCounts With(Coin coin, long count) => coin switch
    {
        Coin.Copper => this with { Copper = count },
        Coin.Silver => this with { Silver = count },
        Coin.Electrum => this with { Electrum = count },
        Coin.Gold => this with { Gold = count },
        Coin.Platinum => this with { Platinum = count },
        _ => throw new ArgumentOutOfRangeException(nameof(coin), coin, "is no coin"),
    };
}
