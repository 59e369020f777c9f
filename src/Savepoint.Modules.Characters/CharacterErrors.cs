using System.Collections.Frozen;
using System.Reflection;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol.Messages;

namespace Savepoint.Modules.Characters;

/// <summary>
/// All that the rules refuse, with status and sentence: what rules return, as it is or with more detail, what intents name, and what the description of the API says.
/// </summary>
public static class CharacterErrors
{
    private const int Missing = StatusCodes.Status404NotFound;

#pragma warning disable CS1591 // Each says itself what it is.
    public static readonly RuleError ArmorNotFound = new(CharacterErrorCodes.ArmorNotFound, "There is no armor with this id.") { Status = Missing };
    public static readonly RuleError WeaponNotFound = new(CharacterErrorCodes.WeaponNotFound, "There is no weapon with this id.") { Status = Missing };
    public static readonly RuleError ShieldNotFound = new(CharacterErrorCodes.ShieldNotFound, "There is no shield with this id.") { Status = Missing };
    public static readonly RuleError RaceNotFound = new(CharacterErrorCodes.RaceNotFound, "There is no race with this id.") { Status = Missing };
    public static readonly RuleError SubraceNotFound = new(CharacterErrorCodes.SubraceNotFound, "The race has no subrace with this id.") { Status = Missing };
    public static readonly RuleError ClassNotFound = new(CharacterErrorCodes.ClassNotFound, "There is no class with this id.") { Status = Missing };
    public static readonly RuleError CoinNotFound = new(CharacterErrorCodes.CoinNotFound, "Coins are cp, sp, ep, gp and pp.") { Status = Missing };
    public static readonly RuleError CharacterNotFound = new(CharacterErrorCodes.CharacterNotFound, "There is no character with this id.") { Status = Missing };
    public static readonly RuleError SubraceRequired = new(CharacterErrorCodes.SubraceRequired, "The race has subraces, one of which has to be chosen.");
    public static readonly RuleError NameInvalid = new(CharacterErrorCodes.NameInvalid, "A name has 3 to 15 letters of one script, and nothing else.");
    public static readonly RuleError NameReserved = new(CharacterErrorCodes.NameReserved, "This name is reserved.");
    public static readonly RuleError NameTaken = new(CharacterErrorCodes.NameTaken, "There is another character of this name.");
    public static readonly RuleError TooManyCharacters = new(CharacterErrorCodes.TooManyCharacters, "There are as many characters as may be.");
    public static readonly RuleError CharacterExists = new(CharacterErrorCodes.CharacterExists, "There is a character with this id already.");
    public static readonly RuleError AbilityScoreInvalid = new(CharacterErrorCodes.AbilityScoreInvalid, "A score is not for sale.");
    public static readonly RuleError NotEnoughPoints = new(CharacterErrorCodes.NotEnoughPoints, "The scores cost more points than there are.");
    public static readonly RuleError AbilityChoiceInvalid = new(CharacterErrorCodes.AbilityChoiceInvalid, "The chosen abilities are not those that the race lets choose.");
    public static readonly RuleError BothHandsNeeded = new(CharacterErrorCodes.BothHandsNeeded, "A weapon needs both hands.");
    public static readonly RuleError HandOccupied = new(CharacterErrorCodes.HandOccupied, "A weapon and a shield would be in the same hand.");
    public static readonly RuleError LightWeaponNeeded = new(CharacterErrorCodes.LightWeaponNeeded, "Two weapons have to be light melee weapons, both of them.");
    public static readonly RuleError FreeHandNeeded = new(CharacterErrorCodes.FreeHandNeeded, "The weapon is loaded with the other hand, which has to be free.");
    public static readonly RuleError SlotEmpty = new(CharacterErrorCodes.SlotEmpty, "There is nothing in the slot.");
    public static readonly RuleError MaximumLevelReached = new(CharacterErrorCodes.MaximumLevelReached, "There is no level above.");
    public static readonly RuleError NotEnoughCurrency = new(CharacterErrorCodes.NotEnoughCurrency, "There are not so many coins of this kind.");
    public static readonly RuleError CurrencyOverflow = new(CharacterErrorCodes.CurrencyOverflow, "There would be more coins of a kind than can be counted.");
    public static readonly RuleError ExchangeInvalid = new(CharacterErrorCodes.ExchangeInvalid, "An exchange takes at least one coin, and gives another kind.");
    public static readonly RuleError ExchangeTooSmall = new(CharacterErrorCodes.ExchangeTooSmall, "The coins are not worth a single one of the other kind.");
    public static readonly RuleError ArgumentsInvalid = new(CharacterErrorCodes.ArgumentsInvalid, "An argument is missing, unknown, or of the wrong type.") { Status = StatusCodes.Status400BadRequest };
#pragma warning restore CS1591

    private static readonly FrozenDictionary<string, RuleError> ByCode = typeof(CharacterErrors).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (RuleError)field.GetValue(null)!).ToFrozenDictionary(error => error.Code, StringComparer.Ordinal);

    /// <summary>All of them, by code.</summary>
    public static IReadOnlyCollection<RuleError> All { get; } = [.. ByCode.Values.OrderBy(error => error.Code, StringComparer.Ordinal)];

    /// <summary>What a code means.</summary>
    /// <returns>Null when it is none of the rules'.</returns>
    public static RuleError? Find(string code) => ByCode.GetValueOrDefault(code);

    /// <summary>What a request is answered that a rule refuses.</summary>
    internal static ProblemException ProblemOf(RuleError rule) => ProblemOf(rule, new Error { Code = rule.Code });

    /// <summary>What a request is answered that a rule refuses.</summary>
    /// <param name="rule">The refusal.</param>
    /// <param name="error">What the engine says of it: the entity beside the code.</param>
    internal static ProblemException ProblemOf(RuleError rule, Error error)
    {
        error.Message = rule.Detail;
        return new ProblemException(error, rule.Status);
    }
}
