using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Items;
using Savepoint.Modules.Characters.Origins;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.Tests;

/// <summary>The SRD's contents by id, and characters made of them.</summary>
internal static class Srd
{
    public static Rulebook Rulebook { get; } = Rulebook.LoadSrd();

    public static Weapon Weapon(string id) => Rulebook.FindWeapon(id).Result;

    public static Armor Armor(string id) => Rulebook.FindArmor(id).Result;

    public static Shield Shield => Rulebook.FindShield("shield").Result;

    public static CharacterClass Class(string id) => Rulebook.FindClass(id).Result;

    /// <summary>A race, or a subrace's race.</summary>
    public static Race Race(string id) => Rulebook.Races.Single(race => race.Id == id || race.Subraces.Any(subrace => subrace.Id == id));

    /// <summary>A character of a race or subrace.</summary>
    public static CharacterSheet Sheet(string raceOrSubrace, string characterClass, int level, Abilities scores, Equipment? equipment = null) => new()
    {
        Race = Race(raceOrSubrace),
        Subrace = Race(raceOrSubrace).Subraces.FirstOrDefault(subrace => subrace.Id == raceOrSubrace),
        Class = Class(characterClass),
        Level = level,
        Scores = scores,
        Equipment = equipment ?? Equipment.None,
    };

    /// <summary>What is carried, by ids; "" for nothing.</summary>
    public static Equipment Carrying(string armor = "", string mainHand = "", string offHand = "", bool shield = false) => new(
        armor.Length == 0 ? null : Armor(armor),
        mainHand.Length == 0 ? null : Weapon(mainHand),
        offHand.Length == 0 ? null : Weapon(offHand),
        shield ? Shield : null);
}
