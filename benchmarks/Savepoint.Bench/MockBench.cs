using Savepoint.Client;
using Savepoint.Testing;

namespace Savepoint.Bench;

/// <summary><c>mock</c>: what a game's own test costs on a <see cref="GameSimulation"/>, its world and server included, once warm. One after another, on one thread.</summary>
internal static class MockBench
{
    private const string Kind = "profile";
    private const long Gold = 250;

    public static int Run(int tests)
    {
        var started = TimeProvider.System.GetTimestamp();
        GameSimulation.Run(async sim => await SaveAsync(sim));
        var report = new BenchReport("mock")
            .With("tests", tests, "tests of each sort")
            .With("firstMs", TimeProvider.System.GetElapsedTime(started).TotalMilliseconds, "the first test of the process, compiling (ms)");
        Measure(report, tests, "connect", "a game server connects", async sim => await sim.ConnectAsync("arena"));
        Measure(report, tests, "save", "… and opens a session, changes, saves and views", async sim => await SaveAsync(sim));
        Measure(report, tests, "crash", "… and the server crashes, starts again, and is viewed again", async sim =>
        {
            var client = await SaveAsync(sim);
            sim.CrashServer();
            await sim.RestartServerAsync();
            await ViewAsync(client);
        });
        Measure(report, tests, "handover", "… and a second game server takes the session over", async sim =>
        {
            await SaveAsync(sim);
            var second = await sim.ConnectAsync("arena-2");
            var profile = (await second.Store(Kind).OpenSessionAsync("ada")).ProfileOrThrow();
            Check(profile["gold"].AsInt64());
        });
        return report.Print();
    }

    private static async Task<SavepointClient> SaveAsync(GameSimulation sim)
    {
        var client = await sim.ConnectAsync("arena");
        var profile = (await client.Store(Kind).OpenSessionAsync("ada")).ProfileOrThrow();
        profile["gold"] = Gold;
        await profile.SaveAsync();
        await ViewAsync(client);
        return client;
    }

    private static async Task ViewAsync(SavepointClient client) => Check((await client.Store(Kind).ViewAsync("ada"))!["gold"].AsInt64());

    private static void Check(long gold)
    {
        if (gold != Gold)
            throw new InvalidOperationException($"{gold} gold where {Gold} was saved.");
    }

    private static void Measure(BenchReport report, int tests, string name, string label, Func<GameSimulation, Task> test)
    {
        var latency = new LatencyHistogram();
        for (var i = 0; i < 1_000; i++)
            GameSimulation.Run(test);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < tests; i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            GameSimulation.Run(test, new GameSimulationOptions { Seed = i });
            latency.Add(TimeProvider.System.GetElapsedTime(started));
        }

        report
            .With(name + "P50Ms", latency.PercentileMs(0.50), $"{label}, p50 (ms)")
            .With(name + "P99Ms", latency.PercentileMs(0.99), "    p99 (ms)")
            .With(name + "AllocatedKb", (GC.GetAllocatedBytesForCurrentThread() - allocated) / tests / 1024, "    allocated (KiB)");
    }
}
