using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Testing;

namespace Savepoint.Bench;

/// <summary>
/// What a hop between nodes takes: one request at a time from a client that is connected to one node only, in turn for what that node owns and for what the
/// other one does.
/// </summary>
internal static class HopBench
{
    private const int Requests = 4_000;

    public static async Task RunAsync(BenchReport report, ServerCluster cluster)
    {
        await using var client = await SavepointClient.ConnectAsync(new SavepointClientOptions
        {
            Endpoint = cluster.Nodes[0].StreamEndpoint,
            DirectConnections = false,
            Credentials = new GameServerCredentials("hop", ServerCluster.Secret),
        });
        var own = await OwnedByAsync(cluster, "node-1");
        var others = await OwnedByAsync(cluster, "node-2");
        foreach (var id in own.Concat(others))
            await client.TransactAsync(unit => unit.Change(Accounts.Kind, id, Accounts.OpeningDelta()));

        var store = client.Store(Accounts.Kind);
        await MeasureAsync(report, "read", id => store.ViewAsync(id), own, others);
        var earn = Accounts.Earn(1);
        await MeasureAsync(report, "change", id => client.TransactAsync(unit => unit.Change(Accounts.Kind, id, earn)), own, others);
    }

    private static async Task MeasureAsync(BenchReport report, string what, Func<string, Task> request, string[] own, string[] others)
    {
        var (here, there) = (new LatencyHistogram(), new LatencyHistogram());
        for (var i = 0; i < 2 * Requests; i++)
        {
            foreach (var (ids, latency) in new[] { (own, here), (others, there) })
            {
                var started = TimeProvider.System.GetTimestamp();
                await request(ids[i % ids.Length]);

                // The first half warms up.
                if (i >= Requests)
                    latency.Add(TimeProvider.System.GetElapsedTime(started));
            }
        }

        var (p50Here, p50There) = (1000 * here.PercentileMs(0.5), 1000 * there.PercentileMs(0.5));
        report
            .With($"{what}OwnMicros", p50Here, $"a {what} at the owner, p50 (µs)")
            .With($"{what}PassedOnMicros", p50There, $"a {what} passed on to the owner, p50 (µs)")
            .With($"{what}HopMicros", p50There - p50Here, $"a {what}: the hop (µs)");
    }

    private static async Task<string[]> OwnedByAsync(ServerCluster cluster, string node)
    {
        var shards = (await cluster.QueryAsync($"select shard from leases join nodes using (node_id) where name = '{node}'"))
            .Split('\n').Select(shard => int.Parse(shard, System.Globalization.CultureInfo.InvariantCulture)).ToHashSet();
        return [.. Enumerable.Range(0, 1_000).Select(Accounts.Id).Where(id => shards.Contains(ShardHash.ShardOf(id, ServerCluster.Shards))).Take(50)];
    }
}
