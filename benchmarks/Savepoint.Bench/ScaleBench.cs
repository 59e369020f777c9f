using System.Globalization;
using Savepoint.Testing;

namespace Savepoint.Bench;

/// <summary>
/// <c>scale</c>: the same load on one, two and three nodes that share one PostgreSQL, all on this machine: transfers within shards, which their owners carry out
/// alone, and transfers between any two accounts, most of which take two nodes; and who spends how much processor time on each.
/// </summary>
internal static class ScaleBench
{
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal) { ["Kinds__0"] = Accounts.Kind };

    public static async Task<int> RunAsync(int mostNodes, TransferSettings settings)
    {
        var report = new BenchReport("scale");
        Console.WriteLine($"scale: {settings.Accounts:N0} accounts, {settings.Clients} connections × {settings.Pipeline} in flight, {settings.Seconds} s each");
        for (var nodes = 1; nodes <= mostNodes; nodes++)
        {
            await RunAsync(report, nodes, settings with { WithinShards = true }, "Within", "within shards");
            await RunAsync(report, nodes, settings, "Any", "between any two");
        }

        if (mostNodes > 1)
        {
            await using var cluster = await StartAsync(2);
            await HopBench.RunAsync(report, cluster);
        }

        return report.Print();
    }

    private static Task<ServerCluster> StartAsync(int nodes) =>
        ServerCluster.StartAsync(nodes, Settings, new PostgresServerOptions { Settings = PrivatePostgres.Settings });

    private static async Task RunAsync(BenchReport report, int nodes, TransferSettings settings, string name, string label)
    {
        await using var cluster = await StartAsync(nodes);
        var clients = TransferClients.RunElsewhereAsync(ServerCluster.Secret, [.. cluster.Nodes.Select(node => node.StreamEndpoint)], settings);
        var (atNodes, atPostgres) = await WatchAsync(cluster, clients, settings.Seconds);
        var result = await clients;
        var perSecond = result.Transfers / result.Seconds;

        string Micros(double seconds) => (1e6 * seconds / result.Transfers).ToString("0.0", CultureInfo.InvariantCulture);
        report
            .With($"perSecond{name}{nodes}", perSecond, $"{nodes} node(s), {label}: transfers /s")
            .With($"p99Ms{name}{nodes}", result.P99Ms, $"{nodes} node(s), {label}: p99 (ms)")
            .With(
                $"cpuMicros{name}{nodes}",
                $"{Micros(atNodes)} + {Micros(atPostgres)} + {Micros(result.CpuSeconds)}",
                $"{nodes} node(s), {label}: processor time per transfer, nodes + PostgreSQL + clients (µs)");
        if (result.Failure is { } failure)
            report.Fail(failure);
        if (result.Total != settings.Accounts * Accounts.Opening)
            report.Fail($"the accounts hold {result.Total:N0}, and should {settings.Accounts * Accounts.Opening:N0}");
    }

    /// <summary>The processor time that was spent while the load was measured, which is the busiest stretch of its length.</summary>
    private static async Task<(double Nodes, double Postgres)> WatchAsync(ServerCluster cluster, Task load, int seconds)
    {
        var seen = new List<(double Nodes, double Postgres)>();
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!load.IsCompleted && await second.WaitForNextTickAsync())
            seen.Add((cluster.Nodes.Sum(node => node.ProcessorTime.TotalSeconds), cluster.Postgres.ProcessorTime.TotalSeconds));
        return Enumerable.Range(0, Math.Max(1, seen.Count - seconds))
            .Select(from => (seen[from], seen[Math.Min(from + seconds, seen.Count - 1)]))
            .Select(stretch => (Nodes: stretch.Item2.Nodes - stretch.Item1.Nodes, Postgres: stretch.Item2.Postgres - stretch.Item1.Postgres))
            .MaxBy(stretch => stretch.Nodes + stretch.Postgres);
    }
}
