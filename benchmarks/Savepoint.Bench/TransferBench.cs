using Savepoint.Testing;

namespace Savepoint.Bench;

/// <summary><c>transfer</c>: a server in its process, its clients in another, this program to start both and to check the sum in the end.</summary>
internal static class TransferBench
{
    public static async Task<int> RunAsync(string store, TransferSettings settings)
    {
        var folder = Directory.CreateTempSubdirectory("savepoint-transfer-");
        try
        {
            await using var postgres = await PrivatePostgres.StartForAsync(store);
            await using var server = await ServerProcess.StartAsync(new ServerProcessOptions
            {
                DataPath = folder.FullName,
                Settings = new Dictionary<string, string>(PrivatePostgres.SettingsFor(store, postgres)) { ["Savepoint__Kinds__0"] = Accounts.Kind },
            });
            Console.WriteLine($"transfer: {settings.Accounts:N0} accounts, {settings.Clients} connections × {settings.Pipeline} in flight, alpha {settings.Alpha}, store {store}, {settings.Seconds} s");
            var clients = TransferClients.RunElsewhereAsync(server.GameServerSecret, [server.StreamEndpoint], settings);
            var lags = await CheckpointLags.WatchAsync(server, clients);
            var result = await clients;
            await server.TerminateAsync();
            return await ReportAsync(store, settings, result, lags, postgres);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int> ReportAsync(string store, TransferSettings settings, TransferResult result, CheckpointLags lags, PrivatePostgres? postgres)
    {
        var perSecond = result.Transfers / result.Seconds;
        var report = new BenchReport("transfer")
            .With("store", store, "store")
            .With("alpha", settings.Alpha, "alpha")
            .With("perSecond", perSecond, "transfers /s, durable")
            .With("p50Ms", result.P50Ms, "acknowledged after, p50 (ms)")
            .With("p99Ms", result.P99Ms, "acknowledged after, p99 (ms)");
        lags.AddTo(report);
        await TransferBaselines.AddAsync(report, postgres, settings, perSecond);
        if (result.Failure is { } failure)
            report.Fail(failure);
        if (result.Total != settings.Accounts * Accounts.Opening)
            report.Fail($"the accounts hold {result.Total:N0}, and should {settings.Accounts * Accounts.Opening:N0}");
        return report.Print();
    }
}
