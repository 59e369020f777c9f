using System.Globalization;

namespace Savepoint.Demo;

internal static class PlayerNames
{
    public static string[] All(int count) => [.. Enumerable.Range(1, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"hero-{number}"))];
}
