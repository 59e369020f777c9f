using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Savepoint.Modules.Accounts.Refreshing;

/// <summary>
/// A refresh token: user id, session id, 256 secret bits, and a seal by which the server knows its own, of whatever generation, without having kept it. Opaque to
/// clients; any node finds the user's shard by it.
/// </summary>
/// <param name="User">The user id.</param>
/// <param name="Session">The login session.</param>
/// <param name="Secret">The secret, 32 bytes.</param>
internal sealed record RefreshToken(Guid User, Guid Session, byte[] Secret)
{
    public const int SecretBytes = 32;

    private const string Prefix = "spr_";
    private const byte Version = 1;
    private const int IdBytes = 16, SealBytes = 16, UserAt = 1, SessionAt = UserAt + IdBytes, SecretAt = SessionAt + IdBytes, SealAt = SecretAt + SecretBytes, Bytes = SealAt + SealBytes;

    /// <summary>How the user id stands everywhere else.</summary>
    public string UserId => User.ToString();

    /// <summary>How the session id stands everywhere else.</summary>
    public string SessionId => Session.ToString();

    /// <summary>What is kept of it.</summary>
    public byte[] Hash() => SHA256.HashData(Secret);

    /// <summary>The token as clients get it.</summary>
    public string ToText(ReadOnlySpan<byte> sealKey)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        bytes[0] = Version;
        User.TryWriteBytes(bytes[UserAt..], bigEndian: true, out _);
        Session.TryWriteBytes(bytes[SessionAt..], bigEndian: true, out _);
        Secret.CopyTo(bytes[SecretAt..]);
        Seal(sealKey, bytes[..SealAt], bytes[SealAt..]);
        return Prefix + Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a token that the server has issued, and no other.</summary>
    public static bool TryRead(string? text, ReadOnlySpan<byte> sealKey, [NotNullWhen(true)] out RefreshToken? token)
    {
        token = null;
        Span<byte> bytes = stackalloc byte[Bytes];
        if (text is null || text.Length != Prefix.Length + Base64Url.GetEncodedLength(Bytes) || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || !Base64Url.IsValid(text.AsSpan(Prefix.Length)) || !Base64Url.TryDecodeFromChars(text.AsSpan(Prefix.Length), bytes, out var written) || written != Bytes || bytes[0] != Version)
            return false;
        Span<byte> expected = stackalloc byte[SealBytes];
        Seal(sealKey, bytes[..SealAt], expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, bytes[SealAt..]))
            return false;
        token = new RefreshToken(
            new Guid(bytes[UserAt..SessionAt], bigEndian: true), new Guid(bytes[SessionAt..SecretAt], bigEndian: true), bytes[SecretAt..SealAt].ToArray());
        return true;
    }

    private static void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> content, Span<byte> destination)
    {
        Span<byte> seal = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, content, seal);
        seal[..SealBytes].CopyTo(destination);
    }
}
