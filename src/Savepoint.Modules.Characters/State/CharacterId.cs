using System.Security.Cryptography;
using System.Text;
using Savepoint.Engine;

namespace Savepoint.Modules.Characters.State;

/// <summary>
/// The ids of characters: UUIDs of version 8 (RFC 9562, section 5.8), whose first 48 bits are a hash of the owner's user id. So it can be told from an id alone
/// that it is another's, without looking whether there is one.
/// </summary>
public static class CharacterId
{
    private const int OwnerBytes = 6;

    // Each request asks for the hash of its user, which takes half a microsecond to work out. Users that share a place take it from each other.
    private static readonly Owner?[] Lately = new Owner?[4_096];

    /// <summary>Makes an id.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="entropy">16 bytes, random or a hash; 74 bits of the last 10 bytes count.</param>
    public static Guid Make(string userId, ReadOnlySpan<byte> entropy)
    {
        Span<byte> bytes = stackalloc byte[16];
        entropy[..16].CopyTo(bytes);
        HashOf(userId).CopyTo(bytes);
        bytes[6] = (byte)(0x80 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Whether an id may be one of a user's characters. Of ids that were made for others, one in 2⁴⁸ may by chance.</summary>
    public static bool IsOf(Guid id, string userId)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return bytes[..OwnerBytes].SequenceEqual(HashOf(userId));
    }

    /// <summary>The entity of a character: <c>character/{userId}:{id}</c>.</summary>
    public static EntityKey KeyOf(string userId, Guid id) => new(CharacterKind.Name, $"{userId}:{id:D}");

    /// <summary>The owner, from the entity's id.</summary>
    public static string OwnerOf(string entityId) => entityId[..Math.Max(0, entityId.LastIndexOf(':'))];

    /// <summary>The character's own id, from the entity's.</summary>
    public static string IdOf(EntityKey key) => key.Id[(key.Id.LastIndexOf(':') + 1)..];

    private static ReadOnlySpan<byte> HashOf(string userId)
    {
        ref var place = ref Lately[(uint)userId.GetHashCode(StringComparison.Ordinal) % (uint)Lately.Length];
        if (Volatile.Read(ref place) is { } found && found.UserId == userId)
            return found.Hash;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes("savepoint-character-owner\0" + userId))[..OwnerBytes];
        Volatile.Write(ref place, new Owner(userId, hash));
        return hash;
    }

    private sealed record Owner(string UserId, byte[] Hash);
}
