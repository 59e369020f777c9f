namespace Savepoint.Cluster;

/// <summary>What the tables of a cluster say at one moment.</summary>
/// <param name="Nodes">All nodes that live, in the order of their names.</param>
/// <param name="Leases">The lease of each shard, in order.</param>
public sealed record ClusterView(IReadOnlyList<MemberState> Nodes, IReadOnlyList<ShardLease> Leases)
{
    /// <summary>The newest formats that every living node reads: nothing newer may be written.</summary>
    public int FeatureLevel => Nodes.Count == 0 ? 0 : Nodes.Min(state => state.Node.FeatureLevel);

    /// <summary>A living node; null when it is none.</summary>
    public MemberState? Find(Guid? id) => id is { } known ? Nodes.FirstOrDefault(state => state.Node.Id == known) : null;
}

/// <summary>A living node.</summary>
/// <param name="Node">The node.</param>
/// <param name="CanOwn">Whether it may own shards.</param>
/// <param name="Unfit">The shards that it can't serve at present.</param>
/// <param name="Left">How long it counts as living without another renewal, from the moment of the view.</param>
public sealed record MemberState(ClusterNode Node, bool CanOwn, IReadOnlyList<int> Unfit, TimeSpan Left)
{
    /// <summary>Whether it may own a shard.</summary>
    public bool MayOwn(int shard) => CanOwn && !Unfit.Contains(shard);
}

/// <summary>The lease of a shard.</summary>
/// <param name="Owner">Who has it; null when nobody has.</param>
/// <param name="Term">Grows with each change of the owner.</param>
/// <param name="Left">How long it lasts without another renewal, from the moment of the view; not positive when it is over.</param>
public readonly record struct ShardLease(Guid? Owner, long Term, TimeSpan Left);
