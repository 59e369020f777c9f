namespace Savepoint.Server.NodeAuthentication;

/// <summary>One call from a node to another, as its header names it.</summary>
/// <param name="From">Who calls.</param>
/// <param name="To">Who is called.</param>
/// <param name="At">When, by the caller's clock, in milliseconds since 1970.</param>
/// <param name="Number">Counts the caller's calls, whomever they go to: no two have the same.</param>
internal readonly record struct NodeCall(Guid From, Guid To, long At, long Number);

/// <summary>What a header turned out to be.</summary>
internal enum NodeVerdict
{
    /// <summary>A node of this cluster calls this process, now, for the first time.</summary>
    Genuine,

    /// <summary>Not of this cluster, altered, used for another request, or no such header at all.</summary>
    Forged,

    /// <summary>Genuine, and meant for another process: the one that was at this address before, for example.</summary>
    ForAnother,

    /// <summary>Genuine, and too old or from the future: somebody has kept it, or the clocks of the nodes are apart.</summary>
    OutOfTime,

    /// <summary>Genuine, and seen before.</summary>
    Repeated,

    /// <summary>This node has not read the cluster's key yet, or has as many callers as it can remember.</summary>
    Unable,
}
