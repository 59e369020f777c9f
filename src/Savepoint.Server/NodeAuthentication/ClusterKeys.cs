using System.Security.Cryptography;

namespace Savepoint.Server.NodeAuthentication;

/// <summary>Keys of their own for each use, derived from the one that the cluster shares (HKDF, RFC 5869).</summary>
internal static class ClusterKeys
{
    /// <summary>The length of the shared key and of those that are derived.</summary>
    public const int Bytes = 32;

    /// <summary>Signs what nodes send each other.</summary>
    public static ReadOnlySpan<byte> Nodes => "savepoint nodes 1"u8;

    /// <summary>Ties writers' ids to whom they were issued to, so that a writer goes on at any node.</summary>
    public static ReadOnlySpan<byte> Writers => "savepoint writers 1"u8;

    public static byte[] Derive(ReadOnlySpan<byte> shared, ReadOnlySpan<byte> use)
    {
        var derived = new byte[Bytes];
        HKDF.Expand(HashAlgorithmName.SHA256, shared, derived, use);
        return derived;
    }
}
