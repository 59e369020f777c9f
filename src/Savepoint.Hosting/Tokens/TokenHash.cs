using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Savepoint.Hosting.Tokens;

/// <summary>
/// SHA-256 of a token. Two tokens never have the same, so it stands for the token where tokens are remembered: it takes less memory, and a copy of the memory gives no
/// token away.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TokenHash(ulong A, ulong B, ulong C, ulong D)
{
    public static TokenHash Of(ReadOnlySpan<char> token)
    {
        TokenHash hash = default;
        SHA256.HashData(MemoryMarshal.AsBytes(token), MemoryMarshal.AsBytes(new Span<TokenHash>(ref hash)));
        return hash;
    }

    /// <summary>Any part of it is as good as all.</summary>
    public override int GetHashCode() => (int)A;
}
