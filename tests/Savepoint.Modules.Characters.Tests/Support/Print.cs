using System.Globalization;

namespace Savepoint.Modules.Characters.Tests;

/// <summary>Numbers as the SRD prints them.</summary>
internal static class Print
{
    public static string Cost(long copper) => copper switch
    {
        _ when copper % 100 == 0 => Text(copper / 100) + " gp",
        _ when copper % 10 == 0 => Text(copper / 10) + " sp",
        _ => Text(copper) + " cp",
    };

    public static string Weight(decimal pounds) => pounds switch
    {
        0 => "—",
        0.25m => "1/4 lb.",
        _ => string.Create(CultureInfo.InvariantCulture, $"{pounds} lb."),
    };

    public static string Signed(int number) => number < 0 ? Text(number) : "+" + Text(number);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
