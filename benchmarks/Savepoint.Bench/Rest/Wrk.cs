using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Savepoint.Bench.Rest;

/// <summary>The load of <c>wrk</c>, a closed loop on each connection.</summary>
internal sealed partial class Wrk
{
    private const int Threads = 2;

    private readonly RestSettings _settings;
    private readonly string _file;

    /// <param name="settings">How much.</param>
    /// <param name="file">Where the script is written.</param>
    /// <param name="script">Makes the requests.</param>
    public Wrk(RestSettings settings, string file, string script)
    {
        (_settings, _file) = (settings, file);
        File.WriteAllText(file, script);
    }

    /// <summary>Lets both sides compile what they run.</summary>
    public async Task WarmUpAsync(Side server, Side bare)
    {
        await RunAsync(server, 5);
        await RunAsync(bare, 3);
    }

    /// <summary>Runs against both sides in turns.</summary>
    public async Task<Comparison> CompareAsync(Side server, Side bare)
    {
        var comparison = new Comparison();
        for (var round = 0; round < _settings.Rounds; round++)
        {
            comparison.Bare.Add(await RunAsync(bare, _settings.Seconds));
            comparison.Server.Add(await RunAsync(server, _settings.Seconds));
        }

        return comparison;
    }

    private async Task<WrkResult> RunAsync(Side side, int seconds)
    {
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true, UseShellExecute = false };
        string[] arguments = ["--threads", $"{Threads}", "--connections", $"{_settings.Connections}", "--duration", $"{seconds}s", "--latency", "--script", _file, side.Address.ToString()];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var figures = new ProcessFigures(side.ProcessId);
        var cpu = figures.CpuSeconds;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0 || output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
            throw new InvalidOperationException($"Not all requests were answered well:\n{output}");
        return WrkResult.Parse(output, figures.CpuSeconds - cpu);
    }

    /// <summary>What one run says.</summary>
    internal sealed partial record WrkResult(long Requests, double PerSecond, double P50Ms, double P99Ms, double CpuSeconds)
    {
        public static WrkResult Parse(string output, double cpuSeconds) => new(
            long.Parse(RequestsIn().Match(output).Groups["value"].Value, CultureInfo.InvariantCulture),
            double.Parse(PerSecondIn().Match(output).Groups["value"].Value, CultureInfo.InvariantCulture),
            Milliseconds(P50In().Match(output)),
            Milliseconds(P99In().Match(output)),
            cpuSeconds);

        public double CpuMicroseconds => CpuSeconds / Requests * 1e6;

        private static double Milliseconds(Match match) => double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture) * match.Groups["unit"].Value switch
        {
            "us" => 0.001,
            "ms" => 1,
            "s" => 1_000,
            var unit => throw new FormatException($"wrk gave a latency in '{unit}'."),
        };

        [GeneratedRegex(@"(?<value>\d+) requests in", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
        private static partial Regex RequestsIn();

        [GeneratedRegex(@"Requests/sec:\s+(?<value>[\d.]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
        private static partial Regex PerSecondIn();

        [GeneratedRegex(@"50%\s+(?<value>[\d.]+)(?<unit>us|ms|s)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
        private static partial Regex P50In();

        [GeneratedRegex(@"99%\s+(?<value>[\d.]+)(?<unit>us|ms|s)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
        private static partial Regex P99In();
    }
}

/// <summary>A process that answers.</summary>
internal readonly record struct Side(Uri Address, int ProcessId);

/// <summary>The same load on both sides, round by round.</summary>
internal sealed class Comparison
{
    public List<Wrk.WrkResult> Server { get; } = [];

    public List<Wrk.WrkResult> Bare { get; } = [];

    public long Requests => Server.Sum(result => result.Requests);

    /// <summary>Medians over the rounds; the ratio is that of each round with the bare run before it.</summary>
    public void AddTo(BenchReport report, string name, string label) => report
        .With($"{name}PerSecond", Median(Server.Select(result => result.PerSecond)), $"{label}: requests /s")
        .With($"{name}P50Ms", Median(Server.Select(result => result.P50Ms)), $"{label}: p50 (ms)")
        .With($"{name}P99Ms", Median(Server.Select(result => result.P99Ms)), $"{label}: p99 (ms)")
        .With($"{name}CpuUs", Median(Server.Select(result => result.CpuMicroseconds)), "  processor time of the server's process, each (µs)")
        .With($"{name}BaselinePerSecond", Median(Bare.Select(result => result.PerSecond)), "  the bare endpoint, requests /s")
        .With($"{name}BaselineP99Ms", Median(Bare.Select(result => result.P99Ms)), "  the bare endpoint, p99 (ms)")
        .With($"{name}BaselineCpuUs", Median(Bare.Select(result => result.CpuMicroseconds)), "  the bare endpoint's, each (µs)")
        .With($"{name}Ratio", Median(Server.Zip(Bare, (server, bare) => server.PerSecond / bare.PerSecond)), "  ratio");

    private static double Median(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
