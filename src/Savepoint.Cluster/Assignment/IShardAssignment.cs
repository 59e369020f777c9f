namespace Savepoint.Cluster;

/// <summary>
/// Decides which node should own which shard. All nodes decide alike from the same view, so that nobody has to tell them; while their views differ, the
/// leases keep them apart.
/// </summary>
public interface IShardAssignment
{
    /// <summary>Assigns every shard.</summary>
    /// <returns>The node that should own each shard, in order; null where none may.</returns>
    IReadOnlyList<Guid?> Assign(ClusterView view);
}
