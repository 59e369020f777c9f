namespace Savepoint.Simulation.Tests;

/// <summary>The workloads and checkers of the simulator on real threads, for the data races that one thread can't show. A run takes real time.</summary>
public sealed class ThreadTests
{
    [Fact]
    public async Task Every_promise_is_kept_on_real_threads()
    {
        var seed = Random.Shared.Next(100_000, int.MaxValue);
        var result = await SimulationRun.RunOnThreadsAsync(seed, TimeProvider.System);
        result.IsGood.ShouldBeTrue($"{result}{Environment.NewLine}again, though threads run as they like: ./bench simulate --threads --seed {seed}");
        result.Nodes.ShouldBeGreaterThan(1);
        result.Operations.ShouldBeGreaterThan(2_000);
    }
}
