using Microsoft.IdentityModel.Tokens;
using Savepoint.Hosting.Secrets;

namespace Savepoint.Hosting.Tokens;

/// <summary>
/// The keys that players' tokens are signed with. Time is cut into spans of the length of the rotation, and each span has a key of its own, which is derived from its number: so
/// all nodes have the same keys without telling each other. Those of the previous, the present and the next span are accepted and published. May be used by several threads
/// at once.
/// </summary>
/// <param name="secrets">What they are derived from.</param>
/// <param name="options">The length of the rotation, and the generation.</param>
/// <param name="time">The clock.</param>
public sealed class PlayerKeyRing(IServerSecrets secrets, IssuedTokenOptions options, TimeProvider time) : ITokenKeys
{
    private readonly Lock _gate = new();
    private PlayerKey[] _keys = [];

    /// <summary>The previous, the present and the next key; null while the server does not know its secret.</summary>
    internal IReadOnlyList<PlayerKey>? Keys
    {
        get
        {
            var number = NumberOf(time.GetUtcNow());
            var keys = Volatile.Read(ref _keys);
            return keys is [_, { } present, _] && present.Number == number ? keys : Turn(number);
        }
    }

    /// <inheritdoc/>
    bool ITokenKeys.IsReady => Keys is not null;

    /// <inheritdoc/>
    JsonWebKey? ITokenKeys.Find(string keyId)
    {
        foreach (var key in Keys ?? [])
        {
            if (string.Equals(key.Id, keyId, StringComparison.Ordinal))
                return key.Verifying;
        }

        return null;
    }

    /// <summary>The key that signs at a time, which is about now.</summary>
    /// <exception cref="InvalidOperationException">The server does not know its secret yet.</exception>
    internal PlayerKey At(DateTimeOffset now)
    {
        var number = NumberOf(now);
        foreach (var key in Keys ?? throw new InvalidOperationException("The server does not know its secret yet."))
        {
            if (key.Number == number)
                return key;
        }

        throw new ArgumentOutOfRangeException(nameof(now), now, "The time is not that of the server's clock.");
    }

    private PlayerKey[]? Turn(long number)
    {
        lock (_gate)
        {
            var keys = new PlayerKey[3];
            for (var i = 0; i < keys.Length; i++)
            {
                var each = number - 1 + i;
                if ((Array.Find(_keys, key => key.Number == each) ?? PlayerKey.Derive(secrets, options.KeyGeneration, each)) is not { } found)
                    return null;
                keys[i] = found;
            }

            Volatile.Write(ref _keys, keys);
            return keys;
        }
    }

    private long NumberOf(DateTimeOffset now) => (now - DateTimeOffset.UnixEpoch).Ticks / options.KeyRotation.Ticks;
}
