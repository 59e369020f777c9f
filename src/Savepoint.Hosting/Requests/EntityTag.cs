using System.Globalization;

namespace Savepoint.Hosting.Requests;

/// <summary>The entity tag of a version (RFC 9110, section 8.8.3): its number, as <c>"7"</c>.</summary>
public static class EntityTag
{
    /// <summary>The tag of a version.</summary>
    public static string Of(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>The version that a strong tag stands for.</summary>
    /// <returns>Whether it stands for one.</returns>
    public static bool TryRead(ReadOnlySpan<char> tag, out long version)
    {
        version = 0;
        return tag.Length > 2 && tag[0] == '"' && tag[^1] == '"' && long.TryParse(tag[1..^1], NumberStyles.None, CultureInfo.InvariantCulture, out version);
    }
}
