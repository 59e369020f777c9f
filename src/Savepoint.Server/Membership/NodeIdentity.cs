using System.Diagnostics.CodeAnalysis;
using Savepoint.Cluster;
using Savepoint.Server.Configuration;
using Savepoint.Server.NodeAuthentication;

namespace Savepoint.Server.Membership;

/// <summary>Who this process is in its cluster, and the key by which it belongs there.</summary>
internal sealed class NodeIdentity : INodeCredentials
{
    /// <summary>The newest formats that this program reads. It grows with each format that older programs don't know.</summary>
    public const int FeatureLevel = 1;

    private volatile byte[]? _key;

    public NodeIdentity(SavepointOptions options) =>
        Self = new ClusterNode(Guid.NewGuid(), options.Node, new Uri(options.Cluster.AdvertisedAddress ?? options.Listen), FeatureLevel);

    /// <summary>This process.</summary>
    public ClusterNode Self { get; }

    public Guid NodeId => Self.Id;

    public bool TryGetKey([NotNullWhen(true)] out byte[]? key) => (key = _key) is not null;

    /// <summary>The key has been read.</summary>
    public void Enter(ReadOnlySpan<byte> key) => _key = key.ToArray();
}
