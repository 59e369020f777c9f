using Savepoint.Modules.Characters.Currency;
using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>Puts coins into the purse and takes coins out of it, all or nothing (SRD 5.1, Coinage, p. 62).</summary>
public sealed class ModifyCurrency() : CharacterIntent<CoinCounts>(
    new IntentDefinition("currency.modify", "Adds and takes coins", HttpMethods.Patch, "/currency/modify", """{"gp":15,"sp":-3}""")
    {
        Commutes = true,
        Errors = [CharacterErrors.NotEnoughCurrency, CharacterErrors.CurrencyOverflow],
    })
{
    /// <inheritdoc/>
    protected override CoinCounts Read(IntentArguments arguments) => new(
        arguments.WholeOr("cp", "Copper pieces: above 0 to add, below 0 to take.", 0),
        arguments.WholeOr("sp", "Silver pieces.", 0),
        arguments.WholeOr("ep", "Electrum pieces.", 0),
        arguments.WholeOr("gp", "Gold pieces.", 0),
        arguments.WholeOr("pp", "Platinum pieces.", 0));

    /// <inheritdoc/>
    protected override Ruling<CharacterState> Apply(CharacterState character, CoinCounts arguments, Rulebook rulebook) =>
        Purse.Modify(character.Coins, arguments).IsAllowed(out var coins, out var error) ? character with { Coins = coins } : error;
}
