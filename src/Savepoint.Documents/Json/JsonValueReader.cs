using System.Buffers;
using System.Text.Json;

namespace Savepoint.Documents;

internal static class JsonValueReader
{
    public static Value Read(ref Utf8JsonReader reader, DocumentLimits limits, int level) => reader.TokenType switch
    {
        JsonTokenType.Number => ReadNumber(ref reader),
        JsonTokenType.String => reader.GetString()!,
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        JsonTokenType.StartArray => ReadList(ref reader, limits, level),
        JsonTokenType.StartObject => ReadObject(ref reader, limits, level),
        JsonTokenType.Null => throw new DocumentException(DocumentError.NullValue),
        _ => throw new DocumentException(DocumentError.InvalidJson, detail: "a value was expected"),
    };

    private static Value ReadNumber(ref Utf8JsonReader reader)
    {
        var text = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        if (text.IndexOfAny((byte)'.', (byte)'e', (byte)'E') >= 0)
            return reader.TryGetDouble(out var number) ? number : throw new DocumentException(DocumentError.NotFinite);
        return reader.TryGetInt64(out var integer) ? integer : throw new DocumentException(DocumentError.Overflow);
    }

    private static Value ReadList(ref Utf8JsonReader reader, DocumentLimits limits, int level)
    {
        ThrowIfTooDeep(level, limits);
        var items = new List<Value>();
        while (Next(ref reader) != JsonTokenType.EndArray)
        {
            ThrowIfFull(items.Count, limits.MaxListLength);
            items.Add(Read(ref reader, limits, level + 1));
        }
        return new ListValue([.. items], items.Count);
    }

    private static Value ReadObject(ref Utf8JsonReader reader, DocumentLimits limits, int level)
    {
        if (Next(ref reader) == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(JsonText.Timestamp))
                return ReadTimestamp(ref reader);
            if (reader.ValueTextEquals(JsonText.Bytes))
                return ReadBytes(ref reader);
        }
        return ReadMap(ref reader, limits, level);
    }

    private static Value ReadMap(ref Utf8JsonReader reader, DocumentLimits limits, int level)
    {
        ThrowIfTooDeep(level, limits);
        var keys = new List<string>();
        var values = new List<Value>();
        for (; reader.TokenType != JsonTokenType.EndObject; Next(ref reader))
        {
            ThrowIfFull(keys.Count, limits.MaxMapLength);
            keys.Add(ReadKey(ref reader, limits));
            Next(ref reader);
            values.Add(Read(ref reader, limits, level + 1));
        }
        return MapValue.FromUnsorted([.. keys], [.. values]);
    }

    private static string ReadKey(ref Utf8JsonReader reader, DocumentLimits limits)
    {
        var key = JsonText.UnescapeKey(reader.GetString()!);
        if (Unicode.Utf8Length(key) < 0)
            throw new DocumentException(DocumentError.InvalidString);
        if (key.Length > limits.MaxKeyLength)
            throw new DocumentException(DocumentError.KeyTooLong);
        return KeyTable.Share(key);
    }

    private static Value ReadTimestamp(ref Utf8JsonReader reader)
    {
        if (Next(ref reader) != JsonTokenType.String || !TimestampText.TryParse(reader.GetString()!, out var value))
            throw new DocumentException(DocumentError.InvalidJson, detail: "a $timestamp is written 2026-01-31T12:00:00.0000000Z");
        EndWrapper(ref reader);
        return value;
    }

    private static Value ReadBytes(ref Utf8JsonReader reader)
    {
        if (Next(ref reader) != JsonTokenType.String || !reader.TryGetBytesFromBase64(out var bytes))
            throw new DocumentException(DocumentError.InvalidJson, detail: "$bytes are written in base64");
        EndWrapper(ref reader);
        return Value.FromOwnedBytes(bytes);
    }

    private static void EndWrapper(ref Utf8JsonReader reader)
    {
        if (Next(ref reader) != JsonTokenType.EndObject)
            throw new DocumentException(DocumentError.InvalidJson, detail: "nothing stands beside $timestamp or $bytes");
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader) =>
        reader.Read() ? reader.TokenType : throw new DocumentException(DocumentError.InvalidJson, detail: "the text ends too early");

    private static void ThrowIfTooDeep(int level, DocumentLimits limits)
    {
        if (level > limits.MaxDepth)
            throw new DocumentException(DocumentError.TooDeep);
    }

    private static void ThrowIfFull(int count, int limit)
    {
        if (count >= limit)
            throw new DocumentException(DocumentError.TooManyItems);
    }
}
