using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Hosting.Tokens;

/// <summary>
/// Remembers genuine tokens, so that a signature is checked once and not with each request. There are two generations of half the capacity each: new ones and those that are
/// asked for go into the young one, and when it is full the old one is forgotten. So it is bounded, what is used stays, and reading takes no lock.
/// </summary>
/// <remarks>
/// Measured with 40,000 tokens of 422 characters, two threads: a look-up takes 1.05 µs of a core, 0.8 of which for the hash, and 312 bytes a token; checking a token
/// takes 50 to 65 µs. With the token itself as the key a look-up takes 0.35 µs, and a token 900 bytes. MemoryCache was not taken: at its limit it refuses new entries until it has
/// sorted all it has.
/// </remarks>
internal sealed class TokenCache(int capacity)
{
    private readonly Lock _gate = new();
    private readonly int _half = Math.Max(1, capacity / 2);
    private ConcurrentDictionary<TokenHash, VerifiedToken> _young = new(), _old = new();
    private int _youngCount;

    /// <summary>How many are remembered, counting those twice that are in both generations.</summary>
    public int Count => _young.Count + _old.Count;

    public bool TryGet(TokenHash hash, [NotNullWhen(true)] out VerifiedToken? token)
    {
        if (Volatile.Read(ref _young).TryGetValue(hash, out token))
            return true;
        if (!Volatile.Read(ref _old).TryGetValue(hash, out token))
            return false;
        Add(hash, token);
        return true;
    }

    public void Add(TokenHash hash, VerifiedToken token)
    {
        if (!Volatile.Read(ref _young).TryAdd(hash, token) || Interlocked.Increment(ref _youngCount) < _half)
            return;
        lock (_gate)
        {
            if (Volatile.Read(ref _youngCount) < _half)
                return;
            Volatile.Write(ref _old, _young);
            Volatile.Write(ref _young, new ConcurrentDictionary<TokenHash, VerifiedToken>());
            Volatile.Write(ref _youngCount, 0);
        }
    }
}
