using System.Text.Json;

namespace Savepoint.Documents;

/// <summary>
/// The JSON form that people query: integers and doubles are numbers, a moment is its ISO 8601 text, bytes are base64 text, and keys stand as they are.
/// It can't be read back for certain, which is what <see cref="DocumentJson"/> is for. Written straight from the canonical bytes, without a document in between.
/// </summary>
public static class PlainJson
{
    /// <summary>Writes a document.</summary>
    /// <param name="writer">Where to; its options decide on escaping and indentation.</param>
    /// <param name="canonical">The canonical encoding of the document. Any bytes may be passed.</param>
    /// <returns>Whether it is one. If not, what was written so far is of no use.</returns>
    public static bool TryWrite(Utf8JsonWriter writer, ReadOnlySpan<byte> canonical)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var reader = new ByteReader(canonical);
        return FormatByte.Read(ref reader) == DocumentError.None && TryWriteMap(writer, ref reader, level: 1) && reader.Remaining == 0;
    }

    private static bool TryWriteValue(Utf8JsonWriter writer, ref ByteReader reader, int level)
    {
        if (!reader.TryReadByte(out var tag))
            return false;
        switch (tag)
        {
            case ValueTag.List:
                return TryWriteList(writer, ref reader, level);
            case ValueTag.Map:
                return TryWriteMap(writer, ref reader, level);
            case ValueTag.String:
                if (!reader.TryReadBlock(out var utf8) || Unicode.Utf16Length(utf8) < 0)
                    return false;
                writer.WriteStringValue(utf8);
                return true;
            case ValueTag.Bytes:
                if (!reader.TryReadBlock(out var bytes))
                    return false;
                writer.WriteBase64StringValue(bytes);
                return true;
            default:
                return TryWriteScalar(writer, ref reader, tag);
        }
    }

    private static bool TryWriteScalar(Utf8JsonWriter writer, ref ByteReader reader, byte tag)
    {
        if (ScalarDecoder.Read(ref reader, tag, out var value) != DocumentError.None)
            return false;
        switch (value.Kind)
        {
            case ValueKind.Int64:
                writer.WriteNumberValue(value.AsInt64());
                return true;
            case ValueKind.Double:
                writer.WriteNumberValue(value.AsDouble());
                return true;
            case ValueKind.Boolean:
                writer.WriteBooleanValue(value.AsBoolean());
                return true;
            default:
                writer.WriteStringValue(value.AsTimestamp().UtcDateTime);
                return true;
        }
    }

    private static bool TryWriteList(Utf8JsonWriter writer, ref ByteReader reader, int level)
    {
        if (ContainerRules.ReadListCount(ref reader, level, DocumentLimits.Widest, out var count) != DocumentError.None)
            return false;
        writer.WriteStartArray();
        for (var i = 0; i < count; i++)
        {
            if (!TryWriteValue(writer, ref reader, level + 1))
                return false;
        }
        writer.WriteEndArray();
        return true;
    }

    private static bool TryWriteMap(Utf8JsonWriter writer, ref ByteReader reader, int level)
    {
        if (ContainerRules.ReadMapCount(ref reader, level, DocumentLimits.Widest, out var count) != DocumentError.None)
            return false;
        writer.WriteStartObject();
        for (var i = 0; i < count; i++)
        {
            if (ContainerRules.ReadKey(ref reader, DocumentLimits.Widest, out var key, out _) != DocumentError.None)
                return false;
            writer.WritePropertyName(key);
            if (!TryWriteValue(writer, ref reader, level + 1))
                return false;
        }
        writer.WriteEndObject();
        return true;
    }
}
