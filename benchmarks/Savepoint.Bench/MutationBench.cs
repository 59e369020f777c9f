using Savepoint.Engine;

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
        var keys = Enumerable.Range(0, settings.Accounts).Select(account => new EntityKey(Accounts.Kind, Accounts.Id(account))).ToArray();

        var loads = Enumerable.Range(0, settings.Producers).Select(seed => new MutationLoad(host.Engine, keys, settings.Window, seed)).ToList();
        using var stop = new CancellationTokenSource();
        var threads = loads.ConvertAll(load => new Thread(() => load.Run(stop.Token)));
        threads.ForEach(thread => thread.Start());

        await Task.Delay(TimeSpan.FromSeconds(2));
        loads.ForEach(load => load.Counts = true);
        var (before, allocated, started, cpu) = (Total(loads), GC.GetTotalAllocatedBytes(), TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var lags = new List<double>();
        for (var second = 0; second < settings.Seconds; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            var snapshot = host.Engine.Snapshot();
            lags.Add(snapshot.CheckpointLag.TotalSeconds);
            Console.WriteLine($"  {second + 1,3} s  {Total(loads):N0} acknowledged  checkpoint lag {snapshot.CheckpointLag.TotalSeconds:0.0} s, {snapshot.UncheckpointedRecords:N0} records  gen2 {GC.CollectionCount(2)}");
        }

        var count = Total(loads) - before;
        var elapsed = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        var cpuNs = (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / count;
        var bytes = (double)(GC.GetTotalAllocatedBytes() - allocated) / count;
        await stop.CancelAsync();
        threads.ForEach(thread => thread.Join());
        return await ReportAsync(settings, host, loads, count / elapsed, bytes, cpuNs, lags);
    }

    private static async Task<int> ReportAsync(
        Settings settings, EngineHost host, List<MutationLoad> loads, double perSecond, double bytesPerOp, double cpuNs, List<double> lags)
    {
        var latency = new LatencyHistogram();
        loads.ForEach(load => latency.Merge(load.Latency));
        var half = lags.Count / 2;
        var report = new BenchReport(settings.Bench)
            .With("store", settings.Store, "store")
            .With("perSecond", perSecond, "mutations acknowledged /s")
            .With("p50Ms", latency.PercentileMs(0.50), "acknowledged after, p50 (ms)")
            .With("p99Ms", latency.PercentileMs(0.99), "acknowledged after, p99 (ms)")
            .With("bytesPerOp", bytesPerOp, "bytes allocated per mutation")
            .With("cpuNsPerOp", cpuNs, "processor time per mutation (ns)")
            .With("checkpointLagFirstHalfSeconds", lags.Take(half).DefaultIfEmpty().Max(), "checkpoint lag, first half, at most (s)")
            .With("checkpointLagSecondHalfSeconds", lags.Skip(half).DefaultIfEmpty().Max(), "checkpoint lag, second half, at most (s)");
        var baseline = MutationBaseline.Run(settings.Store, settings.Accounts);
        report
            .With("baseline", baseline.Name, "baseline")
            .With("baselinePerSecond", baseline.PerSecond, "baseline, mutations /s")
            .With("ratio", perSecond / baseline.PerSecond, "ratio");
        foreach (var refused in loads.Select(load => load.Refused).Where(refused => refused is not null))
            report.Fail($"a mutation was refused: {refused}");
        var acknowledged = Total(loads);
        var expected = (settings.Accounts * Accounts.Opening) + acknowledged;
        var total = await Accounts.TotalAsync(host.Engine, settings.Accounts);
        if (total != expected)
            report.Fail($"the accounts hold {total:N0}, and should {expected:N0}");
        return report.Print();
    }

    private static long Total(List<MutationLoad> loads) => loads.Sum(load => load.Acknowledged);
}
