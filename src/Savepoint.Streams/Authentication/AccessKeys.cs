using System.Security.Cryptography;
using System.Text;

namespace Savepoint.Streams.Authentication;

/// <summary>The secrets that game servers log in with. Several are valid at once, so that a secret can be replaced without a gap.</summary>
public sealed class GameServerSecrets
{
    /// <summary>The shortest secret that is accepted, in UTF-16 units.</summary>
    public const int MinLength = 16;

    private readonly byte[][] _hashes;

    /// <summary>Takes the secrets; only their hashes are kept.</summary>
    public GameServerSecrets(IEnumerable<string> secrets) => _hashes = [.. secrets.Select(Hash)];

    /// <summary>Whether the secret is one of them. Takes the same time whatever part of it is right.</summary>
    public bool Contains(string secret)
    {
        // Hashes have one length, so the comparison gives away nothing about the secret's.
        var hash = Hash(secret);
        var found = false;
        foreach (var known in _hashes)
            found |= CryptographicOperations.FixedTimeEquals(known, hash);
        return found;
    }

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
