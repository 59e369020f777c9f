using Savepoint.Engine;

namespace Savepoint.Bench;

/// <summary>Producers at work on an engine in this process, measured after they have warmed up.</summary>
internal sealed class EngineRun
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private readonly List<EngineLoad> _loads;
    private readonly CheckpointLags _lags = new();

    private EngineRun(IEnumerable<EngineLoad> loads) => _loads = [.. loads];

    /// <summary>Units acknowledged over the whole run, the warm-up included.</summary>
    public long Acknowledged => _loads.Sum(load => load.Acknowledged);

    public double PerSecond { get; private set; }

    private double BytesPerUnit { get; set; }

    private double CpuNsPerUnit { get; set; }

    public static async Task<EngineRun> MeasureAsync(StateEngine engine, int producers, Func<int, EngineLoad> makeLoad, int seconds)
    {
        var run = new EngineRun(Enumerable.Range(0, producers).Select(makeLoad));
        await run.MeasureAsync(engine, seconds);
        return run;
    }

    /// <summary>Adds what was measured.</summary>
    /// <param name="report">Where to.</param>
    /// <param name="unit">What one of them is called.</param>
    public void AddTo(BenchReport report, string unit)
    {
        var latency = new LatencyHistogram();
        _loads.ForEach(load => latency.Merge(load.Latency));
        report
            .With("perSecond", PerSecond, $"{unit}s acknowledged /s")
            .With("p50Ms", latency.PercentileMs(0.50), "acknowledged after, p50 (ms)")
            .With("p99Ms", latency.PercentileMs(0.99), "acknowledged after, p99 (ms)")
            .With("bytesPerOp", BytesPerUnit, $"bytes allocated per {unit}")
            .With("cpuNsPerOp", CpuNsPerUnit, $"processor time per {unit} (ns)");
        _lags.AddTo(report);
        foreach (var refused in _loads.Select(load => load.Refused).Where(refused => refused is not null))
            report.Fail($"a {unit} was refused: {refused}");
    }

    private async Task MeasureAsync(StateEngine engine, int seconds)
    {
        using var stop = new CancellationTokenSource();
        var threads = _loads.ConvertAll(load => new Thread(() => load.Run(stop.Token)));
        threads.ForEach(thread => thread.Start());
        await Task.Delay(WarmUp);

        _loads.ForEach(load => load.Counts = true);
        var (before, allocated, started, cpu) = (Acknowledged, GC.GetTotalAllocatedBytes(), TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime);
        for (var second = 0; second < seconds; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            var snapshot = engine.Snapshot();
            _lags.Add(snapshot.CheckpointLag.TotalSeconds);
            Console.WriteLine($"  {second + 1,3} s  {Acknowledged:N0} acknowledged  checkpoint lag {snapshot.CheckpointLag.TotalSeconds:0.0} s, {snapshot.UncheckpointedRecords:N0} records  gen2 {GC.CollectionCount(2)}");
        }

        var count = Acknowledged - before;
        PerSecond = count / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        CpuNsPerUnit = (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / count;
        BytesPerUnit = (double)(GC.GetTotalAllocatedBytes() - allocated) / count;
        await stop.CancelAsync();
        threads.ForEach(thread => thread.Join());
    }
}
