using System.Globalization;

namespace Savepoint.Demo;

/// <summary>Names a change so that the name alone says what it should have done: <c>gs-1.q.17.25</c> is a quest that gave 25.</summary>
internal static class ChangeId
{
    public const char Trade = 't';

    public static string Make(string server, char what, long number, long amount) =>
        string.Create(CultureInfo.InvariantCulture, $"{server}-{what}-{number}-{amount}");

    public static (char What, long Amount) Read(string change)
    {
        var parts = change.Split('-');
        return (parts[^3][0], long.Parse(parts[^1], CultureInfo.InvariantCulture));
    }
}
