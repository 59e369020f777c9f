using System.Text;

namespace Savepoint.Documents;

/// <summary>The one rule for text: valid Unicode without NUL, checked in both of its encodings.</summary>
internal static class Unicode
{
    /// <summary>Bytes that <paramref name="text"/> takes in UTF-8, or −1 when it holds NUL or a lone surrogate.</summary>
    public static int Utf8Length(ReadOnlySpan<char> text)
    {
        var length = text.Length;
        for (var i = 0; i < text.Length; i++)
        {
            var unit = text[i];
            if (unit < 0x80)
            {
                if (unit == 0)
                    return -1;
            }
            else if (unit < 0x800)
            {
                length++;
            }
            else if (!char.IsSurrogate(unit))
            {
                length += 2;
            }
            else if (char.IsHighSurrogate(unit) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                length += 2;
                i++;
            }
            else
            {
                return -1;
            }
        }
        return length;
    }

    /// <summary>UTF-16 units that <paramref name="utf8"/> decodes to, or −1 when it is invalid or holds NUL.</summary>
    public static int Utf16Length(ReadOnlySpan<byte> utf8)
    {
        var ascii = AsciiLength(utf8);
        var units = ascii;
        for (var i = ascii; i < utf8.Length;)
        {
            var size = SequenceSize(utf8, i);
            if (size == 0)
                return -1;
            units += size == 4 ? 2 : 1;
            i += size;
        }
        return units;
    }

    /// <summary>Decodes bytes that <see cref="Utf16Length"/> found valid.</summary>
    public static void DecodeValid(ReadOnlySpan<byte> utf8, Span<char> units)
    {
        if (units.Length != utf8.Length)
        {
            Encoding.UTF8.GetChars(utf8, units);
            return;
        }
        for (var i = 0; i < utf8.Length; i++)
            units[i] = (char)utf8[i];
    }

    /// <summary>How many bytes from the start are ASCII and not NUL.</summary>
    private static int AsciiLength(ReadOnlySpan<byte> utf8)
    {
#if NET
        var end = utf8.IndexOfAnyExceptInRange((byte)0x01, (byte)0x7F);
        return end < 0 ? utf8.Length : end;
#else
        var end = 0;
        while (end < utf8.Length && utf8[end] is >= 0x01 and <= 0x7F)
            end++;
        return end;
#endif
    }

    // The table of well-formed sequences is Table 3-7 of the Unicode Standard.
    private static int SequenceSize(ReadOnlySpan<byte> utf8, int at)
    {
        var lead = utf8[at];
        if (lead < 0x80)
            return lead == 0 ? 0 : 1;
        var rest = utf8[(at + 1)..];
        if (lead is >= 0xC2 and <= 0xDF)
            return Continues(rest, 1, 0x80, 0xBF) ? 2 : 0;
        if (lead is >= 0xE0 and <= 0xEF)
            return Continues(rest, 2, lead == 0xE0 ? (byte)0xA0 : (byte)0x80, lead == 0xED ? (byte)0x9F : (byte)0xBF) ? 3 : 0;
        if (lead is >= 0xF0 and <= 0xF4)
            return Continues(rest, 3, lead == 0xF0 ? (byte)0x90 : (byte)0x80, lead == 0xF4 ? (byte)0x8F : (byte)0xBF) ? 4 : 0;
        return 0;
    }

    private static bool Continues(ReadOnlySpan<byte> rest, int count, byte firstMin, byte firstMax)
    {
        if (rest.Length < count || rest[0] < firstMin || rest[0] > firstMax)
            return false;
        for (var i = 1; i < count; i++)
        {
            if ((rest[i] & 0xC0) != 0x80)
                return false;
        }
        return true;
    }
}
