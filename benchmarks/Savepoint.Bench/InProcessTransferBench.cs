namespace Savepoint.Bench;

/// <summary><c>transfer --in-process</c>: the same transfers given to the engine directly, without connections, clients and their processes.</summary>
internal static class InProcessTransferBench
{
    public static async Task<int> RunAsync(string store, TransferSettings settings)
    {
        var window = settings.Clients * settings.Pipeline;
        await using var host = await EngineHost.StartAsync(store);
        Console.WriteLine($"transfer, in process: {settings.Accounts:N0} accounts, {window:N0} in flight, alpha {settings.Alpha}, store {store}, {settings.Seconds} s");
        await Accounts.CreateAsync(host.Engine, settings.Accounts);
        var keys = Accounts.Keys(settings.Accounts);
        var skew = new Skew(settings.Accounts, settings.Alpha);
        var run = await EngineRun.MeasureAsync(host.Engine, 1, seed => EngineLoad.OfTransfers(host.Engine, keys, skew, window, seed), settings.Seconds);

        var report = new BenchReport("transfer").With("store", store, "store").With("alpha", settings.Alpha, "alpha").With("inProcess", "yes", "in process");
        run.AddTo(report, "transfer");
        await TransferBaselines.AddAsync(report, host.Postgres, settings, run.PerSecond);
        await Accounts.CheckTotalAsync(report, host.Engine, settings.Accounts, earned: 0);
        return report.Print();
    }
}
