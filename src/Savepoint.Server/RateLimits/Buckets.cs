using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Savepoint.Server.RateLimits;

/// <summary>
/// Which bucket an address or a name takes its tokens from: one of 65,536, chosen by a hash that differs in each process. So the memory has a bound (17 MB when all
/// are in use, 264 bytes each; a bucket that is full again goes after 10 seconds) that nobody can fill by making up addresses, and nobody can choose whom to share one with. Of 5,000 clients at a time, 1 in 13 shares its
/// bucket with another.
/// </summary>
internal static class Buckets
{
    public const int Count = 1 << 16;

    private const int NetworkBytes = 8;

    /// <summary>That of an address. Of IPv6 the first half counts: the other one a client makes up itself.</summary>
    public static int Of(IPAddress? address)
    {
        if (address is null)
            return 0;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? Fold(HashCode.Combine(BinaryPrimitives.ReadInt32BigEndian(bytes)))
            : Fold(HashCode.Combine(BinaryPrimitives.ReadInt64BigEndian(bytes[..NetworkBytes])));
    }

    /// <summary>That of a name.</summary>
    public static int Of(string name) => Fold(name.GetHashCode(StringComparison.Ordinal));

    private static int Fold(int hash) => (hash ^ (hash >>> 16)) & (Count - 1);
}
