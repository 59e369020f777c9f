namespace Savepoint.Cluster;

/// <summary>What a node says and asks when it renews its leases.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Duration">How long its leases last, and how long it counts as living.</param>
public sealed record LeaseRenewal(Guid NodeId, TimeSpan Duration)
{
    /// <summary>Whether it may own shards; not while it is leaving. The default value is true.</summary>
    public bool CanOwn { get; init; } = true;

    /// <summary>The shards that should be its own and are not: it gets those that are free or whose lease is over. The default value is none.</summary>
    public IReadOnlyList<int> Wanted { get; init; } = [];

    /// <summary>The shards that it can't serve at present; others should own them. The default value is none.</summary>
    public IReadOnlyList<int> Unfit { get; init; } = [];
}
