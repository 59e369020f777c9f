using System.Text;

namespace Savepoint.Engine.Shards;

/// <summary>
/// Maps an owner to its shard: FNV-1a 64 over the UTF-8 bytes of the owner id, then the final mix of MurmurHash3, then the remainder.
/// It decides where data lies in every database, and so never changes; its test vectors are in the tests.
/// </summary>
public static class ShardHash
{
    private const ulong OffsetBasis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>The hash of an owner id.</summary>
    public static ulong Of(ReadOnlySpan<char> owner)
    {
        var hash = OffsetBasis;
        for (var i = 0; i < owner.Length; i++)
        {
            if (owner[i] >= 0x80)
                return Mix(OfUtf8(owner[i..], hash));
            hash = (hash ^ owner[i]) * Prime;
        }

        return Mix(hash);
    }

    /// <summary>The shard of an owner id.</summary>
    public static int ShardOf(ReadOnlySpan<char> owner, int shardCount) => (int)(Of(owner) % (ulong)shardCount);

    private static ulong OfUtf8(ReadOnlySpan<char> rest, ulong hash)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in rest.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(utf8);
            for (var i = 0; i < length; i++)
                hash = (hash ^ utf8[i]) * Prime;
        }

        return hash;
    }

    private static ulong Mix(ulong hash)
    {
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccd;
        hash ^= hash >> 33;
        hash *= 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
