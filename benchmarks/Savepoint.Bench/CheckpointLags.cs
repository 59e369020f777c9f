using System.Globalization;
using Savepoint.Testing;

namespace Savepoint.Bench;

/// <summary>How far a server's checkpoints lag behind while it is under load, as its metrics tell once a second.</summary>
internal sealed class CheckpointLags(ServerProcess server)
{
    private const string Metric = "savepoint_checkpoint_lag_seconds ";

    private readonly List<double> _lags = [];

    /// <summary>Looks until the load is over.</summary>
    public async Task WatchAsync(Task load)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!load.IsCompleted && await second.WaitForNextTickAsync())
        {
            var line = (await http.GetStringAsync("/metrics")).Split('\n').Single(line => line.StartsWith(Metric, StringComparison.Ordinal));
            _lags.Add(double.Parse(line[Metric.Length..], CultureInfo.InvariantCulture));
        }
    }

    public void AddTo(BenchReport report)
    {
        var half = _lags.Count / 2;
        report
            .With("checkpointLagFirstHalfSeconds", _lags.Take(half).DefaultIfEmpty().Max(), "checkpoint lag, first half, at most (s)")
            .With("checkpointLagSecondHalfSeconds", _lags.Skip(half).DefaultIfEmpty().Max(), "checkpoint lag, second half, at most (s)");
    }
}
