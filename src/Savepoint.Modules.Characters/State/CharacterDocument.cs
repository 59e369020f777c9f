using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Modules.Characters.Currency;
using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Characters.State;

/// <summary>The form of characters as documents of the kind <c>character</c>; the kind's schema keeps everything else out.</summary>
public static class CharacterDocument
{
    private const string Name = "name", Race = "race", Subrace = "subrace", Class = "class", Level = "level", Abilities = "abilities", HitPoints = "hitpoints";
    private const string Equipment = "equipment", Currency = "currency";
    private const string Armor = "armor", MainHand = "mainHand", OffHand = "offHand", Shield = "shield";

    private const int MostIdLetters = 100, CommonScore = 10;

    private static readonly Path LevelPath = Level, HitPointsPath = HitPoints;
    private static readonly Path ArmorPath = $"{Equipment}.{Armor}", MainHandPath = $"{Equipment}.{MainHand}", OffHandPath = $"{Equipment}.{OffHand}", ShieldPath = $"{Equipment}.{Shield}";
    private static readonly string[] AbilityWords = [.. Scores.Abilities.All.Select(EnumWords.Of)];
    private static readonly (Coin Coin, string Word, Path Path)[] Coinage = [.. Coins.All.Select(coin => (coin, coin.Abbreviation(), Path.Parse($"{Currency}.{coin.Abbreviation()}")))];

    /// <summary>What a document starts from before it is a character's: <see cref="IsCharacter"/> is false of it.</summary>
    internal static Template Template()
    {
        var template = new TemplateBuilder().Set(Name, "").Set(Race, "").Set(Class, "").Set(LevelPath, Rules.Level.First).Set(HitPointsPath, 0).Set(Equipment, new MapValue());
        foreach (var ability in AbilityWords)
            template.Set($"{Abilities}.{ability}", AbilityModifier.MinimumScore);
        foreach (var (_, _, path) in Coinage)
            template.Set(path, 0);
        return template.Build();
    }

    /// <summary>What the types of the template don't say.</summary>
    internal static void Restrict(KindSchemaBuilder schema)
    {
        schema.Between(LevelPath, Rules.Level.First, Rules.Level.Last).Between(HitPointsPath, 0, int.MaxValue).Strict(Equipment);
        foreach (var ability in AbilityWords)
            schema.Between($"{Abilities}.{ability}", AbilityModifier.MinimumScore, AbilityModifier.MaximumScore);
        foreach (var (_, _, path) in Coinage)
            schema.Between(path, 0, long.MaxValue);
        foreach (var id in new Path[] { Subrace, ArmorPath, MainHandPath, OffHandPath, ShieldPath })
            schema.Type(id, ValueKind.String);
        foreach (var id in new Path[] { Name, Race, Subrace, Class, ArmorPath, MainHandPath, OffHandPath, ShieldPath })
            schema.MaxLength(id, MostIdLetters);
    }

    /// <summary>Whether a document is that of a character that was made, and not what an entity would only start from.</summary>
    public static bool IsCharacter(Document document) => TextIn(document.Root, Name) is { Length: > 0 };

    /// <summary>Decodes a document that the engine gives out.</summary>
    public static Document Decode(byte[] document) => Document.Decode(document, DocumentLimits.Widest);

    /// <summary>
    /// Reads a character. Ids that the rulebook does not have stand for things that do nothing. What is not there, since who reads may not see it, counts as nothing
    /// special: no items and coins, scores of 10. Hit points are never above their maximum, whatever is stored: a rulebook may have lowered it since.
    /// </summary>
    public static CharacterState Read(Document document, Rulebook rulebook)
    {
        var root = document.Root;
        var race = rulebook.RaceOrGap(TextIn(root, Race) ?? "");
        var character = new CharacterState
        {
            Name = TextIn(root, Name) ?? "",
            HitPoints = (int)NumberIn(root, HitPoints, 0),
            Coins = MapIn(root, Currency) is { } purse ? CoinsOf(purse) : default,
            Sheet = new CharacterSheet
            {
                Race = race,
                Subrace = TextIn(root, Subrace) is { } subrace ? race.SubraceOrGap(subrace) : null,
                Class = rulebook.ClassOrGap(TextIn(root, Class) ?? ""),
                Level = (int)NumberIn(root, Level, Rules.Level.First),
                Scores = ScoresOf(MapIn(root, Abilities)),
                Equipment = MapIn(root, Equipment) is { Count: > 0 } equipment ? EquipmentOf(equipment, rulebook) : Rules.Equipment.None,
            },
        };
        var most = character.MaximumHitPoints;
        return character.HitPoints <= most ? character : character with { HitPoints = most };
    }

    /// <summary>The document of a new character, but for what every character starts with.</summary>
    public static Document Write(CharacterState character)
    {
        var sheet = character.Sheet;
        var root = new MapBuilder
        {
            { Name, character.Name },
            { Race, sheet.Race.Id },
            { Class, sheet.Class.Id },
            { HitPoints, character.HitPoints },
            { Abilities, new MapBuilder(Scores.Abilities.All.Select(ability => KeyValuePair.Create(AbilityWords[(int)ability], Value.From(sheet.Scores[ability])))) },
        };
        if (sheet.Subrace is { } subrace)
            root.Add(Subrace, subrace.Id);
        return new Document(root.Build());
    }

    /// <summary>Writes what a change has changed, and nothing else. Coins are added and taken, not set, so that the economy ledger sees them come and go.</summary>
    /// <param name="before">The character before.</param>
    /// <param name="after">The same character after: name, race, class and ability scores never change.</param>
    /// <param name="delta">Takes the operations.</param>
    public static void WriteChanges(CharacterState before, CharacterState after, DeltaWriter delta)
    {
        if (after.Sheet.Level != before.Sheet.Level)
            delta.Set(LevelPath, after.Sheet.Level);
        if (after.HitPoints != before.HitPoints)
            delta.Set(HitPointsPath, after.HitPoints);
        if (after.Coins != before.Coins)
            WriteCoins(before.Coins, after.Coins, delta);
        var (had, has) = (before.Sheet.Equipment, after.Sheet.Equipment);
        if (ReferenceEquals(had, has))
            return;
        WriteSlot(ArmorPath, had.Armor?.Id, has.Armor?.Id, delta);
        WriteSlot(MainHandPath, had.MainHand?.Id, has.MainHand?.Id, delta);
        WriteSlot(OffHandPath, had.OffHand?.Id, has.OffHand?.Id, delta);
        WriteSlot(ShieldPath, had.Shield?.Id, has.Shield?.Id, delta);
    }

    private static void WriteSlot(Path path, string? had, string? has, DeltaWriter delta)
    {
        if (string.Equals(had, has, StringComparison.Ordinal))
            return;
        if (has is null)
            delta.Remove(path);
        else
            delta.Set(path, has);
    }

    private static void WriteCoins(CoinCounts had, CoinCounts has, DeltaWriter delta)
    {
        foreach (var (coin, _, path) in Coinage)
        {
            if (has[coin] != had[coin])
                delta.Increment(path, has[coin] - had[coin], min: 0);
        }
    }

    private static CoinCounts CoinsOf(MapValue purse)
    {
        var coins = default(CoinCounts);
        foreach (var (coin, word, _) in Coinage)
            coins = coins.With(coin, NumberIn(purse, word, 0));
        return coins;
    }

    private static Abilities ScoresOf(MapValue? scores) => new(
        ScoreIn(scores, Ability.Strength), ScoreIn(scores, Ability.Dexterity), ScoreIn(scores, Ability.Constitution),
        ScoreIn(scores, Ability.Intelligence), ScoreIn(scores, Ability.Wisdom), ScoreIn(scores, Ability.Charisma));

    private static int ScoreIn(MapValue? scores, Ability ability) => scores is null ? CommonScore : (int)NumberIn(scores, AbilityWords[(int)ability], CommonScore);

    private static Equipment EquipmentOf(MapValue ids, Rulebook rulebook) => new(
        TextIn(ids, Armor) is { } armor ? rulebook.ArmorOrGap(armor) : null,
        TextIn(ids, MainHand) is { } main ? rulebook.WeaponOrGap(main) : null,
        TextIn(ids, OffHand) is { } off ? rulebook.WeaponOrGap(off) : null,
        TextIn(ids, Shield) is { } shield ? rulebook.ShieldOrGap(shield) : null);

    private static string? TextIn(MapValue map, string name) => map.TryGet(name, out var text) ? text.AsString() : null;

    private static long NumberIn(MapValue map, string name, long missing) => map.TryGet(name, out var number) ? number.AsInt64() : missing;

    private static MapValue? MapIn(MapValue map, string name) => map.TryGet(name, out var found) ? found.AsMap() : null;
}
