using System.Globalization;

namespace Savepoint.Simulation.Tests;

/// <summary>Runs of the simulator: a fixed set, and some that nobody has seen yet. One that fails prints the command that repeats it.</summary>
public sealed class SeedTests
{
    [Theory]
    [MemberData(nameof(Fixed))]
    public void Every_promise_is_kept(int seed) => Run(seed);

    [Theory]
    [MemberData(nameof(Fresh))]
    public void Every_promise_is_kept_in_runs_that_are_new_each_time(int seed) => Run(seed);

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public void A_seed_is_as_large_as_it_says(int seed, int nodes)
    {
        var result = SimulationRun.Run(seed);
        result.Operations.ShouldBeGreaterThanOrEqualTo(2_000);
        result.Elapsed.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMinutes(5));
        result.Nodes.ShouldBeGreaterThanOrEqualTo(nodes);
        result.Faults.Values.Sum().ShouldBeGreaterThanOrEqualTo(10);
    }

    [Fact]
    public void A_run_that_takes_too_many_steps_does_not_end_and_is_reported()
    {
        var result = SimulationRun.Run(1, new SimulationSettings { MaxSteps = 10_000 });
        result.Invariant.ShouldBe("progress");
        result.Steps.ShouldBe(10_001);
    }

    public static IEnumerable<TheoryDataRow<int>> Fixed() => Enumerable.Range(1, 100).Select(seed => new TheoryDataRow<int>(seed));

    public static IEnumerable<TheoryDataRow<int>> Fresh()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("SAVEPOINT_SEEDS"), CultureInfo.InvariantCulture, out var wanted) ? wanted : 200;
        return Enumerable.Range(0, count).Select(_ => new TheoryDataRow<int>(Random.Shared.Next(100_000, int.MaxValue)));
    }

    private static void Run(int seed)
    {
        var result = SimulationRun.Run(seed);
        result.IsGood.ShouldBeTrue($"{result}{Environment.NewLine}again: ./bench simulate --seed {seed} --trace trace.txt");
    }
}
