using System.Diagnostics;
using IOPath = System.IO.Path;

namespace Savepoint.Simulation.Tests;

public sealed class DeterminismTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    public void The_same_seed_gives_the_same_trace(int seed)
    {
        var first = Trace(seed);
        first.Length.ShouldBeGreaterThan(10_000);
        Trace(seed).ShouldBe(first);
        Trace(seed + 1).ShouldNotBe(first);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_trace_in_another_process()
    {
        var here = SimulationRun.Run(5, new SimulationSettings { HashesTrace = true }).TraceHash;
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(IOPath.Combine(AppContext.BaseDirectory, "..", "..", "Savepoint.Bench", "release", "savepoint-bench.dll"));
        foreach (var argument in new[] { "simulate", "--seed", "5" })
            start.ArgumentList.Add(argument);
        using var other = Process.Start(start)!;
        (await other.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldContain($"trace {here}");
    }

    private static string Trace(int seed)
    {
        using var trace = new StringWriter();
        SimulationRun.Run(seed, new SimulationSettings { Trace = trace });
        return trace.ToString();
    }
}
