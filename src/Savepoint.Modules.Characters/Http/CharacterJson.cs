using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Characters.Currency;
using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Http;

/// <summary>Writes characters as clients see them: what is stored, and all that follows from it by the rules.</summary>
/// <param name="rulebook">The items, races and classes that there are.</param>
internal sealed class CharacterJson(Rulebook rulebook)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly (Ability Ability, JsonEncodedText Word)[] AbilityWords = [.. Abilities.All.Select(ability => (ability, JsonEncodedText.Encode(EnumWords.Of(ability))))];
    private static readonly (Coin Coin, JsonEncodedText Word)[] CoinWords = [.. Coins.All.Select(coin => (coin, JsonEncodedText.Encode(coin.Abbreviation())))];

    // Each is whole before its first byte goes out, so that what fails on the way still gets a problem; one buffer a thread is enough, as nothing waits meanwhile.
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? s_writer;

    /// <summary>Answers with a character, and its version as the entity tag.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="key">Its entity.</param>
    /// <param name="version">Its version.</param>
    /// <param name="document">Its document.</param>
    public void Answer(HttpResponse response, EntityKey key, long version, Document document)
    {
        response.Headers.ETag = EntityTag.Of(version);
        Answer(response, "application/json; charset=utf-8", (this, key, version, document), static (json, of) => of.Item1.Write(json, of.key, of.version, of.document));
    }

    /// <summary>Answers with what is written.</summary>
    public static void Answer<T>(HttpResponse response, string contentType, T state, Action<Utf8JsonWriter, T> write)
    {
        var (buffer, writer) = s_writer ??= Make();
        try
        {
            write(writer, state);
            writer.Flush();
            response.ContentType = contentType;
            response.ContentLength = buffer.WrittenCount;
            response.BodyWriter.Write(buffer.WrittenSpan);
        }
        finally
        {
            buffer.ResetWrittenCount();
            writer.Reset();
        }
    }

    /// <summary>Writes a character as an object.</summary>
    public void Write(Utf8JsonWriter json, EntityKey key, long version, Document document)
    {
        var character = CharacterDocument.Read(document, rulebook);
        var (sheet, stats) = (character.Sheet, DerivedStats.Of(character.Sheet));
        json.WriteStartObject();
        json.WriteString("id"u8, CharacterId.IdOf(key));
        json.WriteString("name"u8, character.Name);
        json.WriteString("race"u8, sheet.Race.Id);
        json.WriteString("subrace"u8, sheet.Subrace?.Id);
        json.WriteString("class"u8, sheet.Class.Id);
        json.WriteNumber("level"u8, sheet.Level);
        json.WriteNumber("hitpoints"u8, character.HitPoints);
        json.WriteNumber("maximumHitpoints"u8, stats.MaximumHitPoints);
        json.WriteNumber("armorClass"u8, stats.ArmorClass);
        json.WriteNumber("speedFeet"u8, stats.SpeedFeet);
        json.WriteNumber("initiative"u8, stats.Initiative);
        json.WriteNumber("proficiencyBonus"u8, stats.ProficiencyBonus);
        json.WriteBoolean("stealthDisadvantage"u8, stats.StealthDisadvantage);
        json.WriteBoolean("lacksArmorTraining"u8, stats.LacksArmorTraining);
        WriteEach(json, "abilities"u8, sheet.Scores);
        WriteEach(json, "abilityModifiers"u8, stats.AbilityModifiers);
        WriteEach(json, "savingThrows"u8, stats.SavingThrows);
        WriteEquipment(json, sheet.Equipment);
        WriteAttacks(json, stats.Attacks);
        WriteCurrency(json, character.Coins);
        json.WriteNumber("version"u8, version);
        json.WriteEndObject();
    }

    private static (ArrayBufferWriter<byte>, Utf8JsonWriter) Make()
    {
        var buffer = new ArrayBufferWriter<byte>(2 << 10);
        return (buffer, new Utf8JsonWriter(buffer, Options));
    }

    private static void WriteEach(Utf8JsonWriter json, ReadOnlySpan<byte> name, in Abilities numbers)
    {
        json.WriteStartObject(name);
        foreach (var (ability, word) in AbilityWords)
            json.WriteNumber(word, numbers[ability]);
        json.WriteEndObject();
    }

    private static void WriteEquipment(Utf8JsonWriter json, Equipment equipment)
    {
        json.WriteStartObject("equipment"u8);
        json.WriteString("armor"u8, equipment.Armor?.Id);
        json.WriteString("mainHand"u8, equipment.MainHand?.Id);
        json.WriteString("offHand"u8, equipment.OffHand?.Id);
        json.WriteString("shield"u8, equipment.Shield?.Id);
        json.WriteEndObject();
    }

    private static void WriteCurrency(Utf8JsonWriter json, in CoinCounts coins)
    {
        json.WriteStartObject("currency"u8);
        foreach (var (coin, word) in CoinWords)
            json.WriteNumber(word, coins[coin]);
        json.WriteEndObject();
    }

    private static void WriteAttacks(Utf8JsonWriter json, IReadOnlyList<WeaponAttack> attacks)
    {
        json.WriteStartArray("attacks"u8);
        for (var i = 0; i < attacks.Count; i++)
            WriteAttack(json, attacks[i]);
        json.WriteEndArray();
    }

    private static void WriteAttack(Utf8JsonWriter json, WeaponAttack attack)
    {
        json.WriteStartObject();
        json.WriteString("weaponId"u8, attack.WeaponId);
        json.WriteString("kind"u8, EnumWords.Of(attack.Kind));
        json.WriteBoolean("offHand"u8, attack.OffHand);
        json.WriteBoolean("twoHanded"u8, attack.TwoHanded);
        json.WriteBoolean("proficient"u8, attack.Proficient);
        json.WriteNumber("attackBonus"u8, attack.AttackBonus);
        json.WriteString("damage"u8, attack.Damage?.ToString());
        json.WriteNumber("damageBonus"u8, attack.DamageBonus);
        json.WriteString("damageType"u8, attack.DamageType is { } type ? EnumWords.Of(type) : null);
        json.WriteNumber("reachFeet"u8, attack.ReachFeet);
        if (attack.Range is { } range)
        {
            json.WriteStartObject("rangeFeet"u8);
            json.WriteNumber("normal"u8, range.NormalFeet);
            json.WriteNumber("long"u8, range.LongFeet);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("rangeFeet"u8);
        }

        json.WriteBoolean("disadvantage"u8, attack.Disadvantage);
        json.WriteEndObject();
    }
}
