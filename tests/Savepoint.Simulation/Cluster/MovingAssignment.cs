using Savepoint.Cluster;

namespace Savepoint.Simulation;

/// <summary>
/// The production assignment, but for shards of which somebody has said where they should be while that node lives: so shards move all the time. Nodes hear of
/// it as they look, one after the other.
/// </summary>
internal sealed class MovingAssignment(int shards) : IShardAssignment
{
    private readonly Lock _gate = new();
    private readonly Guid?[] _wanted = new Guid?[shards];

    /// <summary>Says where a shard should be.</summary>
    public void Move(int shard, Guid node)
    {
        lock (_gate)
            _wanted[shard] = node;
    }

    public IReadOnlyList<Guid?> Assign(ClusterView view)
    {
        var assigned = RendezvousAssignment.Instance.Assign(view).ToArray();
        lock (_gate)
        {
            for (var shard = 0; shard < assigned.Length; shard++)
            {
                if (view.Find(_wanted[shard]) is { } node && node.MayOwn(shard))
                    assigned[shard] = node.Node.Id;
            }
        }

        return assigned;
    }
}
