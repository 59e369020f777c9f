using System.Globalization;
using Savepoint.Testing;

namespace Savepoint.Bench;

/// <summary>How far checkpoints lag behind under load, looked at once a second.</summary>
internal sealed class CheckpointLags
{
    private const string Metric = "savepoint_checkpoint_lag_seconds ";

    private readonly List<double> _seconds = [];

    /// <summary>Looks at a server's metrics until the load on it is over.</summary>
    public static async Task<CheckpointLags> WatchAsync(ServerProcess server, Task load)
    {
        var lags = new CheckpointLags();
        using var http = new HttpClient { BaseAddress = server.Address };
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!load.IsCompleted && await second.WaitForNextTickAsync())
        {
            var line = (await http.GetStringAsync("/metrics")).Split('\n').Single(line => line.StartsWith(Metric, StringComparison.Ordinal));
            lags.Add(double.Parse(line[Metric.Length..], CultureInfo.InvariantCulture));
        }

        return lags;
    }

    public void Add(double seconds) => _seconds.Add(seconds);

    public void AddTo(BenchReport report)
    {
        var half = _seconds.Count / 2;
        report
            .With("checkpointLagFirstHalfSeconds", _seconds.Take(half).DefaultIfEmpty().Max(), "checkpoint lag, first half, at most (s)")
            .With("checkpointLagSecondHalfSeconds", _seconds.Skip(half).DefaultIfEmpty().Max(), "checkpoint lag, second half, at most (s)");
    }
}
