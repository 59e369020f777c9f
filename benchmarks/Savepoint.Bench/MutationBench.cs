namespace Savepoint.Bench;

/// <summary>
/// <c>engine</c> and <c>journal</c>: how many mutations a second the engine takes, applies, commits and acknowledges, in this process: with a store
/// in memory, which shows the engine alone, or with a durable one.
/// </summary>
internal static class MutationBench
{
    public sealed record Settings(string Bench, string Store, int Accounts, int Producers, int Window, int Seconds);

    public static async Task<int> RunAsync(Settings settings)
    {
        await using var host = await EngineHost.StartAsync(settings.Store);
        Console.WriteLine($"{settings.Bench}: {settings.Accounts:N0} accounts, {settings.Producers} producers × {settings.Window:N0} in flight, store {settings.Store}");
        await Accounts.CreateAsync(host.Engine, settings.Accounts);
        var keys = Accounts.Keys(settings.Accounts);
        var run = await EngineRun.MeasureAsync(
            host.Engine, settings.Producers, seed => EngineLoad.OfEarnings(host.Engine, keys, settings.Window, seed), settings.Seconds);

        var report = new BenchReport(settings.Bench).With("store", settings.Store, "store");
        run.AddTo(report, "mutation");
        var baseline = await MutationBaseline.RunAsync(settings.Store, host.Postgres, settings.Accounts);
        report
            .With("baseline", baseline.Name, "baseline")
            .With("baselinePerSecond", baseline.PerSecond, "baseline, mutations /s")
            .With("ratio", run.PerSecond / baseline.PerSecond, "ratio");
        await Accounts.CheckTotalAsync(report, host.Engine, settings.Accounts, run.Acknowledged);
        return report.Print();
    }
}
