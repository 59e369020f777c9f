using Savepoint.Engine;

namespace Savepoint.Bench;

/// <summary>
/// <c>recovery</c>: a process journals mutations, never checkpoints them, and is killed; how long until an engine has replayed them and serves?
/// </summary>
internal static class RecoveryBench
{
    private static readonly EngineOptions NoCheckpoints = new()
    {
        SaveInterval = TimeSpan.FromHours(1),
        MaxSaveInterval = TimeSpan.FromHours(1),
        MaxUncheckpointedRecords = long.MaxValue / 4,
    };

    public static async Task<int> RunAsync(int mutations, int accounts)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"savepoint-recovery-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        try
        {
            var acknowledged = await FillInAnotherProcessAsync(folder, mutations, accounts);
            var host = new EngineHost("sqlite", folder);
            var duration = await host.RestartAsync();
            var total = await Accounts.TotalAsync(host.Engine, accounts);
            await host.Engine.DisposeAsync();

            var report = new BenchReport("recovery")
                .With("store", "sqlite", "store")
                .With("mutations", acknowledged, "journaled mutations")
                .With("accounts", accounts, "accounts")
                .With("seconds", duration.TotalSeconds, "start to serving (s)")
                .With("perSecond", acknowledged / duration.TotalSeconds, "replayed /s");
            if (total != (accounts * Accounts.Opening) + acknowledged)
                report.Fail($"the accounts hold {total:N0}, and should {(accounts * Accounts.Opening) + acknowledged:N0}");
            return report.Print();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Journals and waits to be killed: the other process of this benchmark.</summary>
    public static async Task<int> FillAsync(string folder, int mutations, int accounts)
    {
        var host = new EngineHost("sqlite", folder);
        await host.RestartAsync(NoCheckpoints);
        await Accounts.CreateAsync(host.Engine, accounts);
        var load = EngineLoad.OfEarnings(host.Engine, Accounts.Keys(accounts), 8_192, 1);
        using var stop = new CancellationTokenSource();
        var thread = new Thread(() => load.Run(stop.Token));
        thread.Start();
        while (load.Acknowledged < mutations && load.Refused is null)
            await Task.Delay(5);
        await stop.CancelAsync();
        thread.Join();
        Console.WriteLine(load.Acknowledged);
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    private static async Task<long> FillInAnotherProcessAsync(string folder, int mutations, int accounts)
    {
        using var process = OtherProcess.Start(null, "recovery-fill", "--folder", folder, "--mutations", $"{mutations}", "--accounts", $"{accounts}");
        try
        {
            var line = await process.StandardOutput.ReadLineAsync();
            return long.Parse(line!, System.Globalization.CultureInfo.InvariantCulture);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }
}
