namespace Savepoint.Modules.Characters;

/// <summary>The stable codes of all that the rules of characters refuse. They never change their meaning.</summary>
public static class CharacterErrorCodes
{
    /// <summary>The rulebook has no armor with this id.</summary>
    public const string ArmorNotFound = "ARMOR_NOT_FOUND";

    /// <summary>The rulebook has no weapon with this id.</summary>
    public const string WeaponNotFound = "WEAPON_NOT_FOUND";

    /// <summary>The rulebook has no shield with this id.</summary>
    public const string ShieldNotFound = "SHIELD_NOT_FOUND";

    /// <summary>The rulebook has no race with this id.</summary>
    public const string RaceNotFound = "RACE_NOT_FOUND";

    /// <summary>The race has no subrace with this id.</summary>
    public const string SubraceNotFound = "SUBRACE_NOT_FOUND";

    /// <summary>The race has subraces, and none was chosen.</summary>
    public const string SubraceRequired = "SUBRACE_REQUIRED";

    /// <summary>The rulebook has no class with this id.</summary>
    public const string ClassNotFound = "CLASS_NOT_FOUND";

    /// <summary>The name is too short, too long, or has something other than letters in it.</summary>
    public const string NameInvalid = "NAME_INVALID";

    /// <summary>The name is kept for the operators of the game.</summary>
    public const string NameReserved = "NAME_RESERVED";

    /// <summary>A bought ability score is below 8 or above 15.</summary>
    public const string AbilityScoreInvalid = "ABILITY_SCORE_INVALID";

    /// <summary>The bought ability scores cost more than 27 points.</summary>
    public const string NotEnoughPoints = "NOT_ENOUGH_POINTS";

    /// <summary>The abilities chosen for the race's increases are too many, too few, twice the same, or increased by the race already.</summary>
    public const string AbilityChoiceInvalid = "ABILITY_CHOICE_INVALID";

    /// <summary>A two-handed weapon, together with a shield or a weapon in the other hand.</summary>
    public const string BothHandsNeeded = "BOTH_HANDS_NEEDED";

    /// <summary>A shield and a weapon for the same hand.</summary>
    public const string HandOccupied = "HAND_OCCUPIED";

    /// <summary>Two weapons at once, of which one is not a light melee weapon.</summary>
    public const string LightWeaponNeeded = "LIGHT_WEAPON_NEEDED";

    /// <summary>A weapon that is loaded with the other hand, together with a shield or a weapon in that hand.</summary>
    public const string FreeHandNeeded = "FREE_HAND_NEEDED";

    /// <summary>There is nothing in the slot.</summary>
    public const string SlotEmpty = "SLOT_EMPTY";

    /// <summary>The character has the highest level already.</summary>
    public const string MaximumLevelReached = "MAXIMUM_LEVEL_REACHED";

    /// <summary>There are not so many coins of this kind.</summary>
    public const string NotEnoughCurrency = "NOT_ENOUGH_CURRENCY";

    /// <summary>There would be more coins of one kind than can be counted.</summary>
    public const string CurrencyOverflow = "CURRENCY_OVERFLOW";

    /// <summary>The number of coins to exchange is not above zero, or both kinds are the same.</summary>
    public const string ExchangeInvalid = "EXCHANGE_INVALID";

    /// <summary>The coins are not worth a single one of the other kind.</summary>
    public const string ExchangeTooSmall = "EXCHANGE_TOO_SMALL";

    /// <summary>There is no coin with this abbreviation.</summary>
    public const string CoinNotFound = "COIN_NOT_FOUND";

    /// <summary>The user has another character of this name.</summary>
    public const string NameTaken = "NAME_TAKEN";

    /// <summary>The user has as many characters as may be.</summary>
    public const string TooManyCharacters = "TOO_MANY_CHARACTERS";

    /// <summary>There is no character with this id.</summary>
    public const string CharacterNotFound = "CHARACTER_NOT_FOUND";

    /// <summary>There is a character with this id already.</summary>
    public const string CharacterExists = "CHARACTER_EXISTS";

    /// <summary>An argument of an intent is missing, unknown, or of the wrong type. Requests to the endpoints of characters are told which.</summary>
    public const string ArgumentsInvalid = "ARGUMENTS_INVALID";
}
