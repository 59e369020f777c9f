using System.Buffers;
using System.Text.Json;
using Savepoint.Documents;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Characters.Intents;

namespace Savepoint.Modules.Characters.Http;

/// <summary>
/// Reads the bodies of intents: one flat JSON object with the arguments that the intent asks for, and <c>version</c>. Numbers are whole and of 64 bits, nothing is
/// there twice, nothing is null, and nothing is there that nobody asked for.
/// </summary>
/// <param name="fields">The arguments; at most 64.</param>
internal sealed class IntentBody(IReadOnlyList<BodyField> fields)
{
    /// <summary>Reads a body.</summary>
    /// <returns>The arguments, encoded as the engine takes them, and the version that was seen; null for none.</returns>
    /// <exception cref="ProblemException">It is not one; the message says why.</exception>
    public async ValueTask<(byte[] Arguments, long? Version)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!JsonBody.HasJson(request))
            throw JsonBody.NoJson();
        var reader = request.BodyReader;
        var read = await reader.ReadAsync(cancellationToken);
        while (!read.IsCompleted)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await reader.ReadAsync(cancellationToken);
        }

        try
        {
            return read.Buffer.IsSingleSegment ? Read(read.Buffer.FirstSpan) : Read(read.Buffer.ToArray());
        }
        finally
        {
            reader.AdvanceTo(read.Buffer.End);
        }
    }

    /// <inheritdoc cref="ReadAsync"/>
    public (byte[] Arguments, long? Version) Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return ReadObject(utf8);
        }
        catch (JsonException exception)
        {
            throw new ProblemException("document.invalid_json", exception.Message);
        }
        catch (InvalidOperationException)
        {
            // The name of a field is an escaped lone surrogate, or bytes that are no UTF-8.
            throw FieldFaults.NameNoUnicode("");
        }
    }

    private (byte[] Arguments, long? Version) ReadObject(ReadOnlySpan<byte> utf8)
    {
        var json = new Utf8JsonReader(utf8);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw JsonFields.Invalid("", "has to be one JSON object");
        var arguments = new MapBuilder();
        var (seen, version) = (0UL, default(long?));
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("version"u8))
            {
                if (version is not null)
                    throw FieldFaults.Twice(CharacterIntent.Version);
                json.Read();
                version = WholeOf(ref json, CharacterIntent.Version) is var number and > 0 ? number : throw JsonFields.Invalid(CharacterIntent.Version, "counts from 1");
                continue;
            }

            var index = IndexOf(ref json);
            var field = fields[index];
            if ((seen & (1UL << index)) != 0)
                throw FieldFaults.Twice(field.Name);
            json.Read();
            arguments.Add(field.Name, ValueOf(ref json, field));
            seen |= 1UL << index;
        }

        // What follows the object is no JSON, and refused as such.
        json.Read();
        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i].IsRequired && (seen & (1UL << i)) == 0)
                throw FieldFaults.Missing(fields[i].Name);
        }

        return (new Document(arguments.Build()).ToBytes(), version);
    }

    private int IndexOf(ref Utf8JsonReader json)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            if (json.ValueTextEquals(fields[i].Name))
                return i;
        }

        throw FieldFaults.Unknown(TextOf(ref json, ""));
    }

    private static Value ValueOf(ref Utf8JsonReader json, BodyField field) => field.Type switch
    {
        BodyFieldType.Whole => WholeOf(ref json, field.Name),
        BodyFieldType.Flag => json.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => throw FieldFaults.NotFlag(field.Name),
        },
        _ => WordOf(ref json, field),
    };

    private static long WholeOf(ref Utf8JsonReader json, string name) => json.TokenType == JsonTokenType.Number && json.TryGetInt64(out var number) ? number
        : throw FieldFaults.NotWhole(name);

    private static string WordOf(ref Utf8JsonReader json, BodyField field)
    {
        if (json.TokenType != JsonTokenType.String)
            throw FieldFaults.NotText(field.Name);
        var text = TextOf(ref json, field.Name);
        return field.Words.Count == 0 || field.Words.Contains(text) ? text : throw JsonFields.Invalid(field.Name, $"has to be one of {string.Join(", ", field.Words)}");
    }

    private static string TextOf(ref Utf8JsonReader json, string place)
    {
        try
        {
            var text = json.GetString()!;
            return text.Contains('\0') ? throw JsonFields.Invalid(place, "has a NUL in it") : text;
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate, or bytes that are no UTF-8.
            throw FieldFaults.NoUnicode(place);
        }
    }
}
