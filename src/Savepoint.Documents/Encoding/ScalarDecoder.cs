using System.Text;

namespace Savepoint.Documents;

/// <summary>Reads and skips the payloads of values that hold no others. Reading and skipping refuse the same bytes.</summary>
internal static class ScalarDecoder
{
    public static DocumentError Read(scoped ref ByteReader reader, byte tag, out Value value)
    {
        value = default;
        switch (tag)
        {
            case ValueTag.Int64:
                if (!reader.TryReadZigZag(out var integer))
                    return DocumentError.Malformed;
                value = Value.From(integer);
                return DocumentError.None;
            case ValueTag.Double:
                var error = ReadDouble(ref reader, out var number);
                if (error == DocumentError.None)
                    value = Value.From(number);
                return error;
            case ValueTag.False:
            case ValueTag.True:
                value = Value.From(tag == ValueTag.True);
                return DocumentError.None;
            case ValueTag.String:
                return ReadString(ref reader, out value);
            case ValueTag.Timestamp:
                if (!TryReadTimestamp(ref reader, out var ticks))
                    return DocumentError.Malformed;
                value = Value.FromTimestampTicks(ticks);
                return DocumentError.None;
            case ValueTag.Bytes:
                if (!reader.TryReadBlock(out var bytes))
                    return DocumentError.Malformed;
                value = Value.FromOwnedBytes(bytes.ToArray());
                return DocumentError.None;
            default:
                return DocumentError.Malformed;
        }
    }

    public static DocumentError Skip(scoped ref ByteReader reader, byte tag)
    {
        switch (tag)
        {
            case ValueTag.Int64:
                return reader.TryReadVarint(out _) ? DocumentError.None : DocumentError.Malformed;
            case ValueTag.Double:
                return ReadDouble(ref reader, out _);
            case ValueTag.False:
            case ValueTag.True:
                return DocumentError.None;
            case ValueTag.String:
                if (!reader.TryReadBlock(out var utf8))
                    return DocumentError.Malformed;
                return Unicode.Utf16Length(utf8) >= 0 ? DocumentError.None : DocumentError.InvalidString;
            case ValueTag.Timestamp:
                return TryReadTimestamp(ref reader, out _) ? DocumentError.None : DocumentError.Malformed;
            case ValueTag.Bytes:
                return reader.TryReadBlock(out _) ? DocumentError.None : DocumentError.Malformed;
            default:
                return DocumentError.Malformed;
        }
    }

    /// <summary>Reads a finite double that is not −0.0, which has another form.</summary>
    public static DocumentError ReadDouble(scoped ref ByteReader reader, out double number)
    {
        if (!reader.TryReadDouble(out number))
            return DocumentError.Malformed;
        if (!double.IsFinite(number))
            return DocumentError.NotFinite;
        return number == 0 && double.IsNegative(number) ? DocumentError.Malformed : DocumentError.None;
    }

    private static DocumentError ReadString(scoped ref ByteReader reader, out Value value)
    {
        value = default;
        if (!reader.TryReadBlock(out var utf8))
            return DocumentError.Malformed;
        if (Unicode.Utf16Length(utf8) < 0)
            return DocumentError.InvalidString;
        value = Value.FromValidText(Encoding.UTF8.GetString(utf8), utf8.Length);
        return DocumentError.None;
    }

    private static bool TryReadTimestamp(scoped ref ByteReader reader, out long ticks) =>
        reader.TryReadZigZag(out ticks) && ticks >= Value.MinTimestampTicks && ticks <= Value.MaxTimestampTicks;
}
