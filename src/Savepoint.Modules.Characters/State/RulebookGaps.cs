using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Items;
using Savepoint.Modules.Characters.Origins;
using Savepoint.Modules.Characters.Scores;

namespace Savepoint.Modules.Characters.State;

/// <summary>
/// Finds what stored characters name. A rulebook may have lost an id since, or renamed it: what then stands for it is a thing of that name that does nothing, so that
/// the character can still be read, played and rid of it.
/// </summary>
internal static class RulebookGaps
{
    private const int CommonSpeedFeet = 30;
    private const int LeastHitDie = 6;

    public static Weapon WeaponOrGap(this Rulebook rulebook, string id) => rulebook.FindWeapon(id).IsAllowed(out var weapon, out _) ? weapon
        : new Weapon { Id = id, Name = id, Category = WeaponCategory.Simple, Kind = WeaponKind.Melee, CostCopper = 0, WeightPounds = 0 };

    /// <summary>No better than none: 10 and Dexterity.</summary>
    public static Armor ArmorOrGap(this Rulebook rulebook, string id) => rulebook.FindArmor(id).IsAllowed(out var armor, out _) ? armor
        : new Armor { Id = id, Name = id, Category = ArmorCategory.Light, CostCopper = 0, WeightPounds = 0, ArmorClass = 10, DonMinutes = 0, DoffMinutes = 0 };

    public static Shield ShieldOrGap(this Rulebook rulebook, string id) => rulebook.FindShield(id).IsAllowed(out var shield, out _) ? shield
        : new Shield { Id = id, Name = id, CostCopper = 0, WeightPounds = 0, ArmorClassBonus = 0 };

    public static Race RaceOrGap(this Rulebook rulebook, string id) => rulebook.FindRace(id).IsAllowed(out var race, out _) ? race
        : new Race { Id = id, Name = id, Size = Size.Medium, SpeedFeet = CommonSpeedFeet, Increases = default };

    public static Subrace SubraceOrGap(this Race race, string id)
    {
        foreach (var subrace in race.Subraces)
        {
            if (subrace.Id == id)
                return subrace;
        }

        return new Subrace { Id = id, Name = id, Increases = default };
    }

    public static CharacterClass ClassOrGap(this Rulebook rulebook, string id) => rulebook.FindClass(id).IsAllowed(out var found, out _) ? found
        : new CharacterClass { Id = id, Name = id, HitDie = LeastHitDie, SavingThrows = new HashSet<Ability>(), Armor = new HashSet<ArmorCategory>(), Weapons = WeaponTraining.None };
}
