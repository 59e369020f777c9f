namespace Savepoint.Cluster;

/// <summary>How a node takes part in its cluster.</summary>
public sealed record MemberOptions
{
    /// <summary>
    /// How long a lease lasts without a renewal: so long nobody serves the shards of a node that has died. All nodes should have the same. The default value
    /// is 5 seconds.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often leases are renewed. The default value is 1 second.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a renewal may take before it is given up for another one. The default value is 1.5 seconds.</summary>
    public TimeSpan RenewTimeout { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>The pause after a renewal that failed. The default value is 250 milliseconds.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The least time between two looks at the tables that others ask for by doubting the map. The default value is 50 milliseconds.</summary>
    public TimeSpan DoubtGap { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long another node may take to answer during a hand-over. The default value is 2 seconds.</summary>
    public TimeSpan PeerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many shards are handed over at a time. The default value is 2: while one is being taken, the next is being released.</summary>
    public int MovesAtOnce { get; init; } = 2;

    /// <summary>
    /// How long a shard that can't be served is left to others, at first; twice as long after each further time, up to <see cref="MaxUnfit"/>. The default
    /// value is 5 seconds.
    /// </summary>
    public TimeSpan FirstUnfit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The most that a shard that can't be served is left to others. The default value is 5 minutes.</summary>
    public TimeSpan MaxUnfit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the node may own shards; one that may not is a gateway, which only forwards. The default value is true.</summary>
    public bool CanOwn { get; init; } = true;

    /// <summary>Who should own what. The default value is <see cref="RendezvousAssignment"/>.</summary>
    public IShardAssignment Assignment { get; init; } = RendezvousAssignment.Instance;

    /// <summary>
    /// How long a node relies on a lease by its own clock. The database's runs faster or slower than that, but never by as much as a hundredth: a clock that is
    /// being corrected goes wrong by a two-thousandth at most.
    /// </summary>
    internal TimeSpan SureLease => 0.99 * Lease;
}
