using Savepoint.Engine.Ownership;

namespace Savepoint.Cluster;

/// <summary>Is told what a node does as a member of its cluster, for logs and metrics. Must not throw, and not call back.</summary>
public interface IMemberObserver
{
    /// <summary>A renewal failed; another follows. When none succeeds in time, the lease runs out, and requests are refused until one does.</summary>
    void RenewalFailed(Exception failure)
    {
    }

    /// <summary>A renewal succeeded.</summary>
    /// <param name="view">What it showed.</param>
    /// <param name="took">How long it took.</param>
    void Renewed(ClusterView view, TimeSpan took)
    {
    }

    /// <summary>
    /// Another process has taken the node's place, or it has stood still for very long: it is no member any more, has dropped all shards, and tries to join
    /// again.
    /// </summary>
    void Displaced()
    {
    }

    /// <summary>Shards were dropped at once, since they are others' by now.</summary>
    void Dropped(IReadOnlyList<int> shards)
    {
    }

    /// <summary>The taking of a shard has ended, well or not.</summary>
    void Taken(TakenShard shard, long term)
    {
    }

    /// <summary>A shard was handed over.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="to">Its owner.</param>
    /// <param name="released">How it was left; null when it had been released before.</param>
    /// <param name="pause">How long nobody served it, at most: from before it was released until the next owner said that it serves it.</param>
    /// <param name="isServed">Whether the next owner has said so; else it will find out by itself.</param>
    void HandedOver(int shard, ClusterNode to, ReleasedShard? released, TimeSpan pause, bool isServed)
    {
    }

    /// <summary>A hand-over did not begin, or did not end; it is tried again.</summary>
    void HandOverFailed(int shard, ClusterNode to, string reason)
    {
    }
}
