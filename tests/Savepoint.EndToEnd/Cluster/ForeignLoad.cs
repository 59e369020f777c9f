using System.Collections.Concurrent;
using Savepoint.Client;
using Savepoint.Testing;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>Counters that foreign clients raise, by any node, with and without a hint where they belong.</summary>
internal sealed class ForeignLoad(TestCluster cluster, int clients, int seed)
{
    private const string Kind = "profile";
    private const int Counters = 16;

    private readonly ConcurrentDictionary<string, ConcurrentBag<long>> _versions = new(StringComparer.Ordinal);
    private volatile bool _isStopped;
    private int _connections;

    public int Acknowledged => _versions.Values.Sum(versions => versions.Count);

    public int Connections => _connections;

    public Task RunAsync() => Task.WhenAll(Enumerable.Range(0, clients).Select(index => RunAsync(index, new Random(seed + index))));

    public void Stop() => _isStopped = true;

    public async Task CheckAsync(SavepointClient reader)
    {
        foreach (var (id, versions) in _versions)
        {
            var view = (await reader.Store(Kind).ViewAsync(id, cancellationToken: TestContext.Current.CancellationToken))!;
            view["count"].AsInt64().ShouldBe(versions.Count, $"{id}: changes acknowledged and changes there");
            versions.Order().ShouldBe(Enumerable.Range(1, versions.Count).Select(version => (long)version), $"{id}: versions without gaps, none given twice");
        }
    }

    private async Task RunAsync(int index, Random random)
    {
        var id = "";
        await using var client = new ForeignClient($"foreign-{index}", () => Endpoint(cluster.Nodes[random.Next(cluster.Nodes.Count)], random.Next(2) == 0 ? id : null));
        while (!_isStopped)
        {
            id = $"foreign-{random.Next(Counters)}";
            var version = await client.IncrementAsync(id, TestContext.Current.CancellationToken);
            _versions.GetOrAdd(id, _ => []).Add(version);
        }

        Interlocked.Add(ref _connections, client.Connections);
    }

    private static Uri Endpoint(ServerProcess node, string? hint) => hint is null ? node.StreamEndpoint : new UriBuilder(node.StreamEndpoint) { Query = $"route={hint}" }.Uri;
}
