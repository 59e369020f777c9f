namespace Savepoint.Client.Tests;

/// <summary>What tests of a cluster change.</summary>
public static class ClusterRequests
{
    public static Task Pay(this SavepointClient client, int shard, long amount = 1) =>
        client.TransactAsync(t => t.Change("profile", FakeCluster.IdIn(shard), d => d.Increment("gold", amount)));

    /// <summary>Changes a profile so that <see cref="Log(FakeCluster, int)"/> shows when it was done.</summary>
    public static Task Log(this SavepointClient client, int shard, long entry) =>
        client.TransactAsync(t => t.Change("profile", FakeCluster.IdIn(shard), d => d.Set("entry", entry)));

    /// <summary>What was done to a profile, in order.</summary>
    public static long[] Log(this FakeCluster cluster, int shard) =>
        [.. cluster[0].Entity(FakeCluster.IdIn(shard)).History.Select(change => EntryOf(change.Delta))];

    private static long EntryOf(byte[] delta)
    {
        var document = new Document();
        Delta.Apply(document, delta);
        return document.Get("entry").AsInt64();
    }
}
