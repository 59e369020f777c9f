using Savepoint.Client;
using Savepoint.Testing;

namespace Savepoint.Bench;

/// <summary>
/// <c>handover</c>: how long a game server waits for a session that another one holds, is asked for, saves and ends. Two connections, a real server,
/// the journal on disk; both sides of a hand-over have unsaved changes.
/// </summary>
internal static class HandOverBench
{
    private const string Kind = "profile";

    public static async Task<int> RunAsync(string store, int profiles, int hops)
    {
        var folder = Directory.CreateTempSubdirectory("savepoint-handover-");
        try
        {
            await using var postgres = await PrivatePostgres.StartForAsync(store);
            await using var server = await ServerProcess.StartAsync(new ServerProcessOptions
            {
                DataPath = folder.FullName,
                Settings = PrivatePostgres.SettingsFor(store, postgres),
            });
            var clients = await Task.WhenAll(new[] { "gs-1", "gs-2" }.Select(name => ConnectAsync(server, name)));
            var latency = new LatencyHistogram();
            var lost = (await Task.WhenAll(Enumerable.Range(0, profiles).Select(profile => HopAsync(clients, $"hero-{profile}", hops, latency)))).Sum();
            foreach (var client in clients)
                await client.DisposeAsync();

            var report = new BenchReport("handover")
                .With("store", store, "store")
                .With("handOvers", latency.Count, "hand-overs")
                .With("p50Ms", latency.PercentileMs(0.50), "p50 (ms)")
                .With("p99Ms", latency.PercentileMs(0.99), "p99 (ms)");
            if (lost > 0)
                report.Fail($"{lost} changes were lost on the way");
            return report.Print();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<SavepointClient> ConnectAsync(ServerProcess server, string name) => SavepointClient.ConnectAsync(new SavepointClientOptions
    {
        Endpoint = server.StreamEndpoint,
        Credentials = new GameServerCredentials(name, server.GameServerSecret),
    });

    /// <returns>How many changes did not come along.</returns>
    private static async Task<int> HopAsync(SavepointClient[] clients, string id, int hops, LatencyHistogram latency)
    {
        var lost = 0;
        for (var hop = 0; hop <= hops; hop++)
        {
            var started = TimeProvider.System.GetTimestamp();
            var profile = (await clients[hop % 2].Store(Kind).OpenSessionAsync(id)).ProfileOrThrow();
            if (hop > 0)
            {
                lock (latency)
                    latency.Add(TimeProvider.System.GetElapsedTime(started));
            }

            lost += profile.TryGet("hops", out var seen) && seen.AsInt64() == hop ? 0 : hop == 0 ? 0 : 1;
            profile["hops"] = hop + 1L;
        }

        return lost;
    }
}
