using System.Collections.Frozen;
using Savepoint.Modules.Characters.Items;
using Savepoint.Modules.Characters.Origins;

namespace Savepoint.Modules.Characters.Data;

/// <summary>The items, races and classes that there are. Immutable, and so safe for all threads.</summary>
public sealed class Rulebook
{
    private readonly FrozenDictionary<string, Weapon> _weapons;
    private readonly FrozenDictionary<string, Armor> _armors;
    private readonly FrozenDictionary<string, Shield> _shields;
    private readonly FrozenDictionary<string, Race> _races;
    private readonly FrozenDictionary<string, CharacterClass> _classes;

    internal Rulebook(RulebookHeader header, IReadOnlyList<Weapon> weapons, IReadOnlyList<Armor> armors, IReadOnlyList<Shield> shields, IReadOnlyList<Race> races, IReadOnlyList<CharacterClass> classes)
    {
        Header = header;
        (Weapons, Armors, Shields, Races, Classes) = (weapons, armors, shields, races, classes);
        _weapons = weapons.ToFrozenDictionary(weapon => weapon.Id);
        _armors = armors.ToFrozenDictionary(armor => armor.Id);
        _shields = shields.ToFrozenDictionary(shield => shield.Id);
        _races = races.ToFrozenDictionary(race => race.Id);
        _classes = classes.ToFrozenDictionary(characterClass => characterClass.Id);
    }

    /// <summary>Where the contents come from, and under which licence.</summary>
    public RulebookHeader Header { get; }

    /// <summary>All weapons, in the order of the file.</summary>
    public IReadOnlyList<Weapon> Weapons { get; }

    /// <summary>All armors, in the order of the file.</summary>
    public IReadOnlyList<Armor> Armors { get; }

    /// <summary>All shields, in the order of the file.</summary>
    public IReadOnlyList<Shield> Shields { get; }

    /// <summary>All races, in the order of the file.</summary>
    public IReadOnlyList<Race> Races { get; }

    /// <summary>All classes, in the order of the file.</summary>
    public IReadOnlyList<CharacterClass> Classes { get; }

    /// <summary>The weapons, armors, shields, races and classes of the SRD 5.1. Reads and checks them on each call: call it once, at start.</summary>
    /// <exception cref="RulebookException">The file that came with this assembly was damaged.</exception>
    public static Rulebook LoadSrd()
    {
        using var file = typeof(Rulebook).Assembly.GetManifestResourceStream("srd-5.1.json")!;
        return Load(file);
    }

    /// <summary>Reads and checks a rulebook: JSON in the form of <c>Data/srd-5.1.json</c>.</summary>
    /// <param name="json">UTF-8 text; comments are allowed.</param>
    /// <exception cref="RulebookException">Something is wrong: it names everything at once.</exception>
    public static Rulebook Load(Stream json) => RulebookReader.Read(json);

    /// <summary>The weapon with an id, or <see cref="CharacterErrorCodes.WeaponNotFound"/>.</summary>
    public Ruling<Weapon> FindWeapon(string id) => Find(_weapons, id, CharacterErrors.WeaponNotFound);

    /// <summary>The armor with an id, or <see cref="CharacterErrorCodes.ArmorNotFound"/>.</summary>
    public Ruling<Armor> FindArmor(string id) => Find(_armors, id, CharacterErrors.ArmorNotFound);

    /// <summary>The shield with an id, or <see cref="CharacterErrorCodes.ShieldNotFound"/>.</summary>
    public Ruling<Shield> FindShield(string id) => Find(_shields, id, CharacterErrors.ShieldNotFound);

    /// <summary>The race with an id, or <see cref="CharacterErrorCodes.RaceNotFound"/>.</summary>
    public Ruling<Race> FindRace(string id) => Find(_races, id, CharacterErrors.RaceNotFound);

    /// <summary>The class with an id, or <see cref="CharacterErrorCodes.ClassNotFound"/>.</summary>
    public Ruling<CharacterClass> FindClass(string id) => Find(_classes, id, CharacterErrors.ClassNotFound);

    /// <remarks>The id stays out of the answer: it comes from outside and may be anything.</remarks>
    private static Ruling<T> Find<T>(FrozenDictionary<string, T> all, string id, RuleError missing)
        where T : notnull => all.TryGetValue(id, out var found) ? found : missing;
}

/// <summary>Where the contents of a rulebook come from.</summary>
/// <param name="Source">The work and its pages.</param>
/// <param name="License">The licence's SPDX id.</param>
/// <param name="Attribution">The words that the licence asks to be shown with the contents.</param>
/// <param name="Changes">What was changed from the source.</param>
public sealed record RulebookHeader(string Source, string License, string Attribution, string Changes);
