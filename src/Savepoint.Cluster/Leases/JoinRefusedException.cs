namespace Savepoint.Cluster;

/// <summary>Why a node may not join a cluster.</summary>
public enum JoinRefusal
{
    /// <summary>A node that lives has its name.</summary>
    NameTaken,

    /// <summary>A node that lives has its address.</summary>
    AddressTaken,

    /// <summary>The database holds formats that it does not read.</summary>
    TooOld,
}

/// <summary>A node may not join a cluster. The message says what to do.</summary>
/// <param name="refusal">Why.</param>
/// <param name="message">Why, in words, and what to do.</param>
public sealed class JoinRefusedException(JoinRefusal refusal, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public JoinRefusal Refusal { get; } = refusal;

    /// <summary>The refusal of a node whose name or address another one has.</summary>
    /// <param name="node">The node.</param>
    /// <param name="other">The one that lives.</param>
    /// <param name="since">When that joined, by the database's clock.</param>
    public static JoinRefusedException Taken(ClusterNode node, ClusterNode other, DateTimeOffset since)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(other);
        return node.Name == other.Name
            ? new(JoinRefusal.NameTaken, $"A node named '{other.Name}' has been running at {other.Address} since {since.UtcDateTime:u}: stop it, or give this one another name.")
            : new(JoinRefusal.AddressTaken, $"The node '{other.Name}' has been running at {other.Address} since {since.UtcDateTime:u}: stop it, or give this one another address.");
    }

    /// <summary>The refusal of a node that does not read what the database holds.</summary>
    /// <param name="node">The node.</param>
    /// <param name="required">The least feature level.</param>
    public static JoinRefusedException Outdated(ClusterNode node, int required)
    {
        ArgumentNullException.ThrowIfNull(node);
        return new(
            JoinRefusal.TooOld,
            $"The database holds formats of feature level {required}; this program reads up to {node.FeatureLevel}: start a newer one. Going back is possible only to versions that read level {required}.");
    }
}
