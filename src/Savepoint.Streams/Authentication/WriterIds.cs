using System.Security.Cryptography;
using System.Text;

namespace Savepoint.Streams.Authentication;

/// <summary>
/// Issues the ids of writers, and recognizes its own. Half of an id is random, the other half ties it to the principal that it was issued to, so that
/// nobody else can go on under it, without the server keeping a list. The key has to outlive the process: a writer resumes after a restart too.
/// </summary>
public sealed class WriterIds
{
    /// <summary>The length of an id in bytes.</summary>
    public const int Length = 16;

    private const int RandomLength = 8;

    private readonly Func<ReadOnlyMemory<byte>> _key;
    private readonly RandomBytes _random;

    /// <summary>Makes an issuer.</summary>
    /// <param name="key">The secret key, at least 16 bytes; the same on every node and after every restart.</param>
    /// <param name="random">Where the random half comes from.</param>
    public WriterIds(ReadOnlySpan<byte> key, RandomBytes random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, 16, nameof(key));
        var kept = key.ToArray();
        (_key, _random) = (() => kept, random);
    }

    /// <summary>Makes an issuer whose key is there only once the server has started.</summary>
    /// <param name="key">Gives the secret key, at least 16 bytes; the same on every node and after every restart. Asked for whenever an id is issued or checked.</param>
    /// <param name="random">Where the random half comes from.</param>
    public WriterIds(Func<ReadOnlyMemory<byte>> key, RandomBytes random) => (_key, _random) = (key, random);

    internal Guid Issue(Principal principal)
    {
        Span<byte> id = stackalloc byte[Length];
        _random(id[..RandomLength]);
        Tie(id[..RandomLength], principal, id[RandomLength..]);
        return new Guid(id, bigEndian: true);
    }

    internal bool IsIssuedTo(Principal principal, ReadOnlySpan<byte> id)
    {
        if (id.Length != Length)
            return false;
        Span<byte> expected = stackalloc byte[Length - RandomLength];
        Tie(id[..RandomLength], principal, expected);
        return CryptographicOperations.FixedTimeEquals(expected, id[RandomLength..]);
    }

    private void Tie(ReadOnlySpan<byte> random, Principal principal, Span<byte> destination)
    {
        byte[] content = [.. random, .. Encoding.UTF8.GetBytes(principal.Actor)];
        Span<byte> tie = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key().Span, content, tie);
        tie[..destination.Length].CopyTo(destination);
    }
}
