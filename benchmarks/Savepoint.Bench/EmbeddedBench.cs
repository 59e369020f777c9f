using Savepoint.Client;
using Savepoint.Embedded;
using Savepoint.Testing;

namespace Savepoint.Bench;

/// <summary><c>embedded</c>: a durable save in the game server's own process, against the same save over a WebSocket to a server on the same machine.</summary>
internal static class EmbeddedBench
{
    private const string Kind = "profile";
    private const int WarmUp = 500;

    public static async Task<int> RunAsync(int saves, int profiles)
    {
        var report = new BenchReport("embedded").With("profiles", profiles, "profiles that are saved at the same time");
        var folder = Directory.CreateTempSubdirectory("savepoint-embedded-");
        try
        {
            await using (var savepoint = await EmbeddedSavepoint.StartAsync(new EmbeddedOptions { DataPath = Path.Combine(folder.FullName, "embedded") }))
                await MeasureAsync(report, "embedded", "in the same process", await savepoint.ConnectAsync("bench"), saves, profiles);

            await using var server = await ServerProcess.StartAsync(new ServerProcessOptions { DataPath = Path.Combine(folder.FullName, "server") });
            await using var client = await SavepointClient.ConnectAsync(new SavepointClientOptions
            {
                Endpoint = server.StreamEndpoint,
                Credentials = new GameServerCredentials("bench", server.GameServerSecret),
            });
            await MeasureAsync(report, "webSocket", "over a WebSocket", client, saves, profiles);
            return report.Print();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(BenchReport report, string name, string label, SavepointClient client, int saves, int profiles)
    {
        var latency = new LatencyHistogram();
        var versions = await Task.WhenAll(Enumerable.Range(0, profiles).Select(number => SaveAsync(client, $"hero-{number}", saves, latency)));
        report
            .With(name + "P50Micros", 1_000 * latency.PercentileMs(0.50), $"a save {label}, p50 (µs)")
            .With(name + "P99Micros", 1_000 * latency.PercentileMs(0.99), "    p99 (µs)");
        if (versions.Any(version => version != 1 + WarmUp + saves))
            report.Fail($"{label}: a save made no version, or two");
    }

    private static async Task<long> SaveAsync(SavepointClient client, string id, int saves, LatencyHistogram latency)
    {
        var profile = (await client.Store(Kind).OpenSessionAsync(id)).ProfileOrThrow();
        for (var save = 0; save < WarmUp + saves; save++)
        {
            profile.Increment("gold", 1L);
            var started = TimeProvider.System.GetTimestamp();
            await profile.SaveAsync();
            if (save < WarmUp)
                continue;
            lock (latency)
                latency.Add(TimeProvider.System.GetElapsedTime(started));
        }

        return profile.Version;
    }
}
