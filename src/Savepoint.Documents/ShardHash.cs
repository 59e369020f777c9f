namespace Savepoint.Documents;

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

    // By hand, since netstandard2.1 has no runes; half a surrogate pair counts as U+FFFD, as everywhere.
    private static ulong OfUtf8(ReadOnlySpan<char> rest, ulong hash)
    {
        for (var i = 0; i < rest.Length; i++)
        {
            var rune = (uint)rest[i];
            if (char.IsSurrogate(rest[i]))
                rune = i + 1 < rest.Length && char.IsSurrogatePair(rest[i], rest[i + 1]) ? (uint)char.ConvertToUtf32(rest[i], rest[++i]) : 0xFFFD;
            hash = OfUtf8(rune, hash);
        }

        return hash;
    }

    private static ulong OfUtf8(uint rune, ulong hash)
    {
        if (rune < 0x80)
            return Add(hash, rune);
        if (rune < 0x800)
            return Add(Add(hash, 0xC0 | (rune >> 6)), 0x80 | (rune & 0x3F));
        hash = rune < 0x10000
            ? Add(hash, 0xE0 | (rune >> 12))
            : Add(Add(hash, 0xF0 | (rune >> 18)), 0x80 | ((rune >> 12) & 0x3F));
        return Add(Add(hash, 0x80 | ((rune >> 6) & 0x3F)), 0x80 | (rune & 0x3F));
    }

    private static ulong Add(ulong hash, uint value) => (hash ^ value) * Prime;

    private static ulong Mix(ulong hash)
    {
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccd;
        hash ^= hash >> 33;
        hash *= 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
