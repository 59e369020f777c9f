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

    private static string Trace(int seed)
    {
        using var trace = new StringWriter();
        SimulationRun.Run(seed, new SimulationSettings { Trace = trace });
        return trace.ToString();
    }
}
