using System.Globalization;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;

namespace Savepoint.Hosting.Requests;

/// <summary>The parameters in a request's address.</summary>
public static class QueryValues
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

    /// <summary>How many a page is to have: the parameter <c>limit</c>.</summary>
    /// <param name="query">The parameters.</param>
    /// <param name="most">The most that can be asked for.</param>
    /// <param name="byDefault">What it is when it is not there.</param>
    /// <exception cref="ProblemException">It is not 1 to <paramref name="most"/>.</exception>
    public static int Limit(this IQueryCollection query, int most, int byDefault) => query.Text("limit") is not { } text ? byDefault
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= most ? limit
        : throw Wrong("limit", $"has to be 1 to {most}");

    /// <summary>A moment; null when it is not there. One without an offset is in UTC.</summary>
    /// <exception cref="ProblemException">It is no moment.</exception>
    public static DateTimeOffset? Moment(this IQueryCollection query, string name) => query.Text(name) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) && text.Contains('-') ? at
        : throw Wrong(name, "has to be a moment such as 2026-01-31T12:00:00Z");

    /// <summary>A UTC day; null when it is not there.</summary>
    /// <exception cref="ProblemException">It is no day.</exception>
    public static DateOnly? Day(this IQueryCollection query, string name) => query.Text(name) is not { } text ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw Wrong(name, "has to be a day such as 2026-01-31");

    /// <summary>Says that a parameter is wrong.</summary>
    public static ProblemException Wrong(string name, string what) => new(ErrorCodes.InvalidRequest, $"The parameter '{name}' {what}.");
}
