namespace Savepoint.Modules.Characters.Http;

// What answers look like, for the description of the API; they are written by hand (CharacterJson).

/// <summary>A character.</summary>
/// <param name="Id">Its id, a UUID.</param>
/// <param name="Name">Its name.</param>
/// <param name="Race">The race's id.</param>
/// <param name="Subrace">The subrace's id; null for none.</param>
/// <param name="Class">The class's id.</param>
/// <param name="Level">The level, 1 to 20.</param>
/// <param name="Hitpoints">The hit points.</param>
/// <param name="MaximumHitpoints">The hit point maximum.</param>
/// <param name="ArmorClass">The armor class.</param>
/// <param name="SpeedFeet">The walking speed, in feet a round.</param>
/// <param name="Initiative">What is added to the roll for initiative.</param>
/// <param name="ProficiencyBonus">The proficiency bonus.</param>
/// <param name="StealthDisadvantage">Whether armor gives disadvantage on Dexterity (Stealth) checks.</param>
/// <param name="LacksArmorTraining">Whether armor or shield are worn without proficiency.</param>
/// <param name="Abilities">The ability scores.</param>
/// <param name="AbilityModifiers">The ability modifiers.</param>
/// <param name="SavingThrows">What is added to saving throws.</param>
/// <param name="Equipment">The ids of what is worn and wielded.</param>
/// <param name="Attacks">The attacks with the weapons in hand.</param>
/// <param name="Currency">The coins.</param>
/// <param name="Version">The version.</param>
internal sealed record CharacterAnswer(
    Guid Id, string Name, string Race, string? Subrace, string Class, int Level, int Hitpoints, int MaximumHitpoints, int ArmorClass, int SpeedFeet, int Initiative,
    int ProficiencyBonus, bool StealthDisadvantage, bool LacksArmorTraining, AbilitiesAnswer Abilities, AbilitiesAnswer AbilityModifiers, AbilitiesAnswer SavingThrows,
    EquipmentAnswer Equipment, AttackAnswer[] Attacks, CurrencyAnswer Currency, long Version);

/// <summary>A number for each ability.</summary>
internal sealed record AbilitiesAnswer(int Strength, int Dexterity, int Constitution, int Intelligence, int Wisdom, int Charisma);

/// <summary>The ids of what is worn and wielded; null for nothing.</summary>
internal sealed record EquipmentAnswer(string? Armor, string? MainHand, string? OffHand, string? Shield);

/// <summary>The coins in the purse.</summary>
internal sealed record CurrencyAnswer(long Cp, long Sp, long Ep, long Gp, long Pp);

/// <summary>One way to attack with a weapon in hand.</summary>
internal sealed record AttackAnswer(
    string WeaponId, string Kind, bool OffHand, bool TwoHanded, bool Proficient, int AttackBonus, string? Damage, int DamageBonus, string? DamageType, int ReachFeet,
    RangeAnswer? RangeFeet, bool Disadvantage);

/// <summary>How far a weapon shoots or flies, in feet.</summary>
internal sealed record RangeAnswer(int Normal, int Long);

/// <summary>A user's characters, page by page.</summary>
/// <param name="Characters">The characters, in the order of their folded names.</param>
/// <param name="Unreadable">Those of the page that can't be read; not there where there are none.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
internal sealed record CharactersAnswer(CharacterAnswer[] Characters, UnreadableAnswer[]? Unreadable, string? Next);

/// <summary>A character that is there, and can't be read.</summary>
/// <param name="Id">Its id, a UUID.</param>
/// <param name="Code">The problem that a request for it gets.</param>
internal sealed record UnreadableAnswer(Guid Id, string Code);

/// <summary>A character that is to be.</summary>
/// <param name="Name">3 to 15 letters of one script; no other of the user's characters has it.</param>
/// <param name="Race">The race's id.</param>
/// <param name="Subrace">The subrace's id, where the race has some.</param>
/// <param name="Class">The class's id.</param>
/// <param name="Abilities">How the ability scores come about; rolled where it is not there.</param>
internal sealed record CharacterRequest(string Name, string Race, string? Subrace, string Class, AbilitiesRequest? Abilities);

/// <summary>How ability scores come about.</summary>
/// <param name="Method"><c>roll</c>: 4d6 without the lowest, by the server. Or <c>pointBuy</c>.</param>
/// <param name="Scores">Of <c>pointBuy</c>: the score of each ability.</param>
/// <param name="Preference">Of <c>roll</c>: the abilities, the one with the highest roll first.</param>
/// <param name="Increases">The abilities that are raised, where the race lets choose.</param>
internal sealed record AbilitiesRequest(string? Method, AbilitiesAnswer? Scores, string[]? Preference, string[]? Increases);
