using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Server.NodeAuthentication;

/// <summary>What this process shows that it belongs to the cluster. Calls may come from several threads at once.</summary>
internal interface INodeCredentials
{
    /// <summary>This process.</summary>
    Guid NodeId { get; }

    /// <summary>The key that all nodes of the cluster share, 32 bytes; there once the node has read it from the database.</summary>
    bool TryGetKey([NotNullWhen(true)] out byte[]? key);
}
