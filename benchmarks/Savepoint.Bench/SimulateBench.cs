using System.Diagnostics;
using Savepoint.Simulation;

namespace Savepoint.Bench;

/// <summary><c>simulate</c>: seeds of the simulator, on all cores; or one, with its trace.</summary>
internal static class SimulateBench
{
    /// <summary>Runs one seed and shows how it ended.</summary>
    public static int RunOne(int seed, string? traceFile)
    {
        using var trace = traceFile is null ? null : new StreamWriter(traceFile);
        var result = SimulationRun.Run(seed, new SimulationSettings { Trace = trace, HashesTrace = true });
        Console.WriteLine(result);
        Console.WriteLine($"{result.Operations} operations, {result.Commits} commits, {result.Nodes} nodes, {result.Elapsed} of virtual time, trace {result.TraceHash}");
        return result.IsGood ? 0 : 1;
    }

    /// <summary>Runs a seed on real threads.</summary>
    public static async Task<int> RunOnThreadsAsync(int seed, TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        var result = await SimulationRun.RunOnThreadsAsync(seed, TimeProvider.System, SimulationSettings.OnThreads(duration));
        Console.WriteLine(result);
        return Report([result], clock.Elapsed);
    }

    /// <summary>Runs many seeds.</summary>
    public static int RunMany(int first, int count, bool stopsAtFirst, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        var results = new SeedRuns(first, count, stopsAtFirst, limit).Run(failed =>
        {
            Console.WriteLine(failed);
            Console.WriteLine($"  again: ./bench simulate --seed {failed.Seed}");
        });
        return Report(results, clock.Elapsed);
    }

    private static int Report(IReadOnlyList<SimulationResult> results, TimeSpan elapsed)
    {
        foreach (var kind in results.SelectMany(result => result.Faults).GroupBy(fault => fault.Key, fault => fault.Value).OrderBy(kind => kind.Key, StringComparer.Ordinal))
            Console.WriteLine($"  {kind.Key,-32} {kind.Sum(),12:N0}");
        var failed = results.Count(result => !result.IsGood);
        var report = new BenchReport("simulate")
            .With("seeds", (long)results.Count, "seeds")
            .With("failed", (long)failed, "seeds that broke a promise")
            .With("virtualHours", results.Sum(result => result.Elapsed.TotalHours), "virtual hours")
            .With("operations", results.Sum(result => (long)result.Operations), "operations")
            .With("units", results.Sum(result => (long)result.Units), "units over several nodes")
            .With("abortedUnits", results.Sum(result => (long)result.AbortedUnits), "attempts aborted when asked")
            .With("faults", results.Sum(result => result.Faults.Values.Sum(count => (long)count)), "faults injected")
            .With("steps", results.Select(result => result.Steps).DefaultIfEmpty().Max(), "steps of the longest seed")
            .With("perSecond", results.Count / elapsed.TotalSeconds, "seeds/s");
        if (results.Where(result => !result.IsGood).MinBy(result => result.Seed) is { } firstFailed)
        {
            report.With("firstFailed", (long)firstFailed.Seed, "the first seed that did").With("invariant", firstFailed.Invariant, "what it broke");
            report.Fail($"{failed} seeds failed, the first of them {firstFailed.Seed}");
        }

        return report.Print();
    }
}
