using Savepoint.Client;

namespace Savepoint.Demo;

/// <summary>
/// What the demo keeps of a player. The ledger has one entry for each change of the gold, so that each acknowledged change can be found again:
/// its key names the change and its amount, and its value is what the change has added, once.
/// </summary>
[Profile]
public partial class Hero
{
    public const string Kind = "profile";

    public const long OpeningGold = 1_000;

    [Additive, Default(OpeningGold)]
    public partial long Gold { get; set; }

    [Default("novice")]
    public partial string Rank { get; set; }

    public partial TrackedMap<long> Ledger { get; }

    /// <summary>Adds to the gold, and not below 0, with an entry in the ledger.</summary>
    public static void Pay(Profile<Hero> profile, string change, long amount) => profile.Change(
        () =>
        {
            profile.Increment(GoldPath, amount, min: 0);
            profile.Increment(LedgerPath.Child(change), amount);
        },
        amount > 0 ? "quest" : "shop");

    public static readonly Path GoldPath = "gold";

    public static readonly Path LedgerPath = "ledger";
}
