using System.Globalization;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;

namespace Savepoint.Modules.Profiles.Addresses;

/// <summary>The parameters in a request's address.</summary>
internal static class QueryValues
{
    /// <summary>A text; null when it is not there.</summary>
    /// <exception cref="ProblemException">It is there twice.</exception>
    public static string? Text(this IQueryCollection query, string name) => !query.TryGetValue(name, out var values) ? null
        : values.Count == 1 ? values[0]
        : throw Wrong(name, "is there more than once");

    /// <summary>A whole number from 0 on; null when it is not there.</summary>
    /// <exception cref="ProblemException">It is no such number.</exception>
    public static long? Count(this IQueryCollection query, string name) => query.Text(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Wrong(name, "has to be a whole number from 0 on");

    /// <summary>A moment; null when it is not there.</summary>
    /// <exception cref="ProblemException">It is no moment.</exception>
    public static DateTimeOffset? Moment(this IQueryCollection query, string name) => query.Text(name) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) && text.Contains('-') ? at
        : throw Wrong(name, "has to be a moment such as 2026-01-31T12:00:00Z");

    public static ProblemException Wrong(string name, string what) => new(ErrorCodes.InvalidRequest, $"The parameter '{name}' {what}.");
}
