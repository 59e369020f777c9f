using System.Diagnostics.CodeAnalysis;
using Savepoint.Server.NodeAuthentication;

namespace Savepoint.Server.Tests.Cluster;

internal sealed class TestCredentials(Guid id, byte[]? key) : INodeCredentials
{
    public static readonly byte[] Shared = [.. Enumerable.Range(1, ClusterKeys.Bytes).Select(i => (byte)i)];

    public Guid NodeId => id;

    public bool TryGetKey([NotNullWhen(true)] out byte[]? found) => (found = key) is not null;
}
