using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Savepoint.Documents.Tests;

/// <summary>
/// Runs a check over many generated cases. A failure prints the shrunk case and "Replay directly at failing step with (seed,gamma,size)":
/// <c>SAVEPOINT_REPLAY=seed,gamma,size dotnet run --project tests/Savepoint.Documents.Tests -- -method "*its_name"</c> repeats it.
/// SAVEPOINT_CASES sets how many cases are run.
/// </summary>
internal static class Property
{
    private const int DefaultCases = 500;

    public static void Holds<T>(Gen<T> cases, Action<T> check) => Holds(cases, _ => [], check);

    public static void Holds<T>(Gen<T> cases, Func<T, IEnumerable<T>> smaller, Action<T> check)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(Cases()).WithQuietOnSuccess(true);
        if (Environment.GetEnvironmentVariable("SAVEPOINT_REPLAY") is { Length: > 0 } replay)
        {
            var seeds = replay.Split(',');
            config = config
                .WithReplay(ulong.Parse(seeds[0], CultureInfo.InvariantCulture), ulong.Parse(seeds[1], CultureInfo.InvariantCulture), int.Parse(seeds[2], CultureInfo.InvariantCulture))
                .WithMaxTest(1);
        }
        Prop.ForAll(Arb.From(cases, smaller), check).Check(config);
    }

    private static int Cases() =>
        int.TryParse(Environment.GetEnvironmentVariable("SAVEPOINT_CASES"), CultureInfo.InvariantCulture, out var cases) ? cases : DefaultCases;
}
