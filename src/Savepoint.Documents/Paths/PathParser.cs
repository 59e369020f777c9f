using System.Text;

namespace Savepoint.Documents;

/// <summary>
/// The text form of paths. A plain key has no dot, bracket, quote, backslash, white space or control character; any other key, the empty
/// one too, stands quoted in brackets, with \" and \\ for a quote and a backslash.
/// </summary>
internal static class PathParser
{
    public static DocumentError Parse(string text, out Path? path)
    {
        path = null;
        if (text.Length == 0)
        {
            path = Path.Root;
            return DocumentError.None;
        }

        var segments = new List<PathSegment>();
        var at = 0;
        while (at < text.Length)
        {
            var error = text[at] == '[' ? ReadBracket(text, ref at, segments) : ReadPlainKey(text, ref at, segments);
            if (error != DocumentError.None)
                return error;
        }
        path = new Path([.. segments]);
        return DocumentError.None;
    }

    public static string Format(ReadOnlySpan<PathSegment> segments)
    {
        var text = new StringBuilder();
        foreach (var segment in segments)
        {
            if (segment.Key is not { } key)
                text.Append('[').Append(segment.Index).Append(']');
            else if (!IsPlain(key))
                text.Append("[\"").Append(key.Replace("\\", "\\\\").Replace("\"", "\\\"")).Append("\"]");
            else
                text.Append(text.Length == 0 ? "" : ".").Append(key);
        }
        return text.ToString();
    }

    private static bool IsPlain(string key)
    {
        foreach (var unit in key)
        {
            if (!IsPlain(unit))
                return false;
        }
        return key.Length > 0;
    }

    private static bool IsPlain(char unit) => unit is not ('.' or '[' or ']' or '"' or '\\') && !char.IsWhiteSpace(unit) && !char.IsControl(unit);

    private static DocumentError ReadPlainKey(string text, ref int at, List<PathSegment> segments)
    {
        if (segments.Count > 0 && text[at++] != '.')
            return DocumentError.InvalidPath;
        var start = at;
        while (at < text.Length && IsPlain(text[at]))
            at++;
        return at > start ? AddKey(text[start..at], segments) : DocumentError.InvalidPath;
    }

    private static DocumentError ReadBracket(string text, ref int at, List<PathSegment> segments)
    {
        at++;
        var error = at < text.Length && text[at] == '"' ? ReadQuotedKey(text, ref at, segments) : ReadIndex(text, ref at, segments);
        if (error != DocumentError.None)
            return error;
        return at < text.Length && text[at++] == ']' ? DocumentError.None : DocumentError.InvalidPath;
    }

    private static DocumentError ReadQuotedKey(string text, ref int at, List<PathSegment> segments)
    {
        var key = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            var unit = text[at];
            if (unit == '"')
            {
                at++;
                return AddKey(key.ToString(), segments);
            }
            if (unit == '\\' && (++at == text.Length || text[at] is not ('"' or '\\')))
                return DocumentError.InvalidPath;
            key.Append(text[at]);
        }
        return DocumentError.InvalidPath;
    }

    private static DocumentError ReadIndex(string text, ref int at, List<PathSegment> segments)
    {
        var start = at;
        var index = 0L;
        for (; at < text.Length && text[at] is >= '0' and <= '9' && index <= int.MaxValue; at++)
            index = (index * 10) + (text[at] - '0');
        var shortest = at - start == 1 || (at > start && text[start] != '0');
        if (!shortest || index > int.MaxValue)
            return DocumentError.InvalidPath;
        segments.Add(new PathSegment((int)index));
        return DocumentError.None;
    }

    private static DocumentError AddKey(string key, List<PathSegment> segments)
    {
        if (Unicode.Utf8Length(key) < 0)
            return DocumentError.InvalidString;
        segments.Add(new PathSegment(KeyTable.Share(key)));
        return DocumentError.None;
    }
}
