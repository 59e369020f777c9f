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
    public static int RunMany(int first, int count, bool stopsAtFirst)
    {
        var results = new List<SimulationResult>();
        var next = first - 1;
        var isOver = false;
        var clock = Stopwatch.StartNew();
        var workers = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        return Report(results, clock.Elapsed);

        void Work()
        {
            while (Interlocked.Increment(ref next) is var seed && seed < first + count && !Volatile.Read(ref isOver))
            {
                var result = SimulationRun.Run(seed);
                lock (results)
                    results.Add(result);
                if (result.IsGood)
                    continue;
                Console.WriteLine(result);
                Console.WriteLine($"  again: ./bench simulate --seed {seed}");
                if (stopsAtFirst)
                    Volatile.Write(ref isOver, true);
            }
        }
    }

    private static int Report(List<SimulationResult> results, TimeSpan elapsed)
    {
        foreach (var kind in results.SelectMany(result => result.Faults).GroupBy(fault => fault.Key, fault => fault.Value).OrderBy(kind => kind.Key, StringComparer.Ordinal))
            Console.WriteLine($"  {kind.Key,-32} {kind.Sum(),12:N0}");
        var failed = results.Count(result => !result.IsGood);
        var report = new BenchReport("simulate")
            .With("seeds", (long)results.Count, "seeds")
            .With("failed", (long)failed, "seeds that broke a promise")
            .With("virtualHours", results.Sum(result => result.Elapsed.TotalHours), "virtual hours")
            .With("operations", results.Sum(result => (long)result.Operations), "operations")
            .With("faults", results.Sum(result => result.Faults.Values.Sum(count => (long)count)), "faults injected")
            .With("perSecond", results.Count / elapsed.TotalSeconds, "seeds/s");
        if (failed > 0)
            report.Fail($"{failed} seeds failed, the first of them {results.Where(result => !result.IsGood).Min(result => result.Seed)}");
        return report.Print();
    }
}
