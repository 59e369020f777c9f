using System.Globalization;

namespace Savepoint.Documents;

/// <summary>The text form of a moment: RFC 3339 in UTC with seven digits of fraction.</summary>
internal static class TimestampText
{
    private const string Written = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";
    private const string Read = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";
    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    public static string Format(DateTimeOffset value) => value.UtcDateTime.ToString(Written, CultureInfo.InvariantCulture);

    public static bool TryParse(string text, out DateTimeOffset value) =>
        DateTimeOffset.TryParseExact(text, Read, CultureInfo.InvariantCulture, Utc, out value);
}
