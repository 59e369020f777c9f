using System.Collections.Frozen;

namespace Savepoint.Modules.Characters;

/// <summary>What requests are answered that the rules refuse: the only place where the statuses and sentences of their codes are chosen, for answers and for the description of the API.</summary>
public static class CharacterErrors
{
    private static readonly FrozenDictionary<string, CharacterError> ByCode = Table().ToFrozenDictionary(error => error.Code, StringComparer.Ordinal);

    /// <summary>All of them, by code.</summary>
    public static IReadOnlyCollection<CharacterError> All { get; } = [.. Table().OrderBy(error => error.Code, StringComparer.Ordinal)];

    /// <summary>What a code means.</summary>
    /// <returns>Null when it is none of the rules'.</returns>
    public static CharacterError? Find(string code) => ByCode.GetValueOrDefault(code);

    private static IEnumerable<CharacterError> Table()
    {
        const int missing = StatusCodes.Status404NotFound, refused = StatusCodes.Status422UnprocessableEntity;
        yield return new(CharacterErrorCodes.ArmorNotFound, missing, "There is no armor with this id.");
        yield return new(CharacterErrorCodes.WeaponNotFound, missing, "There is no weapon with this id.");
        yield return new(CharacterErrorCodes.ShieldNotFound, missing, "There is no shield with this id.");
        yield return new(CharacterErrorCodes.RaceNotFound, missing, "There is no race with this id.");
        yield return new(CharacterErrorCodes.SubraceNotFound, missing, "The race has no subrace with this id.");
        yield return new(CharacterErrorCodes.ClassNotFound, missing, "There is no class with this id.");
        yield return new(CharacterErrorCodes.CoinNotFound, missing, "Coins are cp, sp, ep, gp and pp.");
        yield return new(CharacterErrorCodes.CharacterNotFound, missing, "There is no character with this id.");
        yield return new(CharacterErrorCodes.SubraceRequired, refused, "The race has subraces, one of which has to be chosen.");
        yield return new(CharacterErrorCodes.NameInvalid, refused, "A name has 3 to 15 letters of one script, and nothing else.");
        yield return new(CharacterErrorCodes.NameReserved, refused, "This name is reserved.");
        yield return new(CharacterErrorCodes.NameTaken, refused, "There is another character of this name.");
        yield return new(CharacterErrorCodes.TooManyCharacters, refused, "There are as many characters as may be.");
        yield return new(CharacterErrorCodes.CharacterExists, refused, "There is a character with this id already.");
        yield return new(CharacterErrorCodes.AbilityScoreInvalid, refused, "A score is not for sale.");
        yield return new(CharacterErrorCodes.NotEnoughPoints, refused, "The scores cost more points than there are.");
        yield return new(CharacterErrorCodes.AbilityChoiceInvalid, refused, "The chosen abilities are not those that the race lets choose.");
        yield return new(CharacterErrorCodes.BothHandsNeeded, refused, "A weapon needs both hands.");
        yield return new(CharacterErrorCodes.HandOccupied, refused, "A weapon and a shield would be in the same hand.");
        yield return new(CharacterErrorCodes.LightWeaponNeeded, refused, "Two weapons have to be light melee weapons, both of them.");
        yield return new(CharacterErrorCodes.FreeHandNeeded, refused, "The weapon is loaded with the other hand, which has to be free.");
        yield return new(CharacterErrorCodes.SlotEmpty, refused, "There is nothing in the slot.");
        yield return new(CharacterErrorCodes.MaximumLevelReached, refused, "There is no level above.");
        yield return new(CharacterErrorCodes.NotEnoughCurrency, refused, "There are not so many coins of this kind.");
        yield return new(CharacterErrorCodes.CurrencyOverflow, refused, "There would be more coins of a kind than can be counted.");
        yield return new(CharacterErrorCodes.ExchangeInvalid, refused, "An exchange takes at least one coin, and gives another kind.");
        yield return new(CharacterErrorCodes.ExchangeTooSmall, refused, "The coins are not worth a single one of the other kind.");
        yield return new(CharacterErrorCodes.ArgumentsInvalid, StatusCodes.Status400BadRequest, "An argument is missing, unknown, or of the wrong type.");
    }
}

/// <summary>What a code means to those who ask over HTTP.</summary>
/// <param name="Code">One of <see cref="CharacterErrorCodes"/>.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">A sentence for people.</param>
public sealed record CharacterError(string Code, int Status, string Detail);
