using Savepoint.Modules.Characters.Currency;
using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>Exchanges coins for those of another kind (SRD 5.1, Standard Exchange Rates table, p. 62).</summary>
public sealed class ExchangeCurrency() : CharacterIntent<ExchangeCurrency.Arguments>(
    new IntentDefinition("currency.exchange", "Exchanges coins", HttpMethods.Patch, "/currency/exchange", """{"from":"sp","to":"gp","amount":25,"version":5}""")
    {
        Errors =
        [
            CharacterErrors.CoinNotFound, CharacterErrors.ExchangeInvalid, CharacterErrors.ExchangeTooSmall, CharacterErrors.NotEnoughCurrency,
            CharacterErrors.CurrencyOverflow,
        ],
    })
{
    /// <param name="From">The kind to give, by its abbreviation.</param>
    /// <param name="To">The kind to get, by its abbreviation.</param>
    /// <param name="Amount">How many to give at most.</param>
    public readonly record struct Arguments(string From, string To, long Amount);

    /// <inheritdoc/>
    protected override Arguments Read(IntentArguments arguments) => new(
        arguments.Text("from", "The kind of coins to give: cp, sp, ep, gp or pp."),
        arguments.Text("to", "The kind of coins to get."),
        arguments.Whole("amount", "How many to give at most; what doesn't make a whole coin stays."));

    /// <inheritdoc/>
    protected override Ruling<CharacterState> Apply(CharacterState character, Arguments arguments, Rulebook rulebook) =>
        Coins.Find(arguments.From).IsAllowed(out var from, out var error)
        && Coins.Find(arguments.To).IsAllowed(out var to, out error)
        && MoneyChanger.Exchange(character.Coins, from, to, arguments.Amount).IsAllowed(out var coins, out error)
            ? character with { Coins = coins }
            : error;
}
