using System.Security.Cryptography;
using System.Text;

namespace Savepoint.Streams.Authentication;

/// <summary>The secrets that everybody but players logs in with, and what each stands for. Several are valid at once, so that one can be replaced without a gap.</summary>
public sealed class AccessKeys
{
    /// <summary>The shortest secret that is accepted, in UTF-16 units.</summary>
    public const int MinLength = 16;

    private readonly (byte[] Hash, AccessKey Key)[] _keys;

    /// <summary>Takes the keys; of the secrets only hashes are kept.</summary>
    /// <param name="keys">The keys. Of two with the same secret the last counts.</param>
    public AccessKeys(IEnumerable<(string Secret, AccessKey Key)> keys) => _keys = [.. keys.Select(key => (Hash(key.Secret), key.Key))];

    /// <summary>The secrets of game servers of level 0, which say themselves what they are called.</summary>
    public static AccessKeys OfGameServers(params IEnumerable<string> secrets) => new(secrets.Select(secret => (secret, new AccessKey(PrincipalRole.GameServer))));

    /// <summary>Finds the key that a secret belongs to. Takes the same time whatever part of it is right.</summary>
    /// <returns>The key; null when there is none.</returns>
    public AccessKey? Find(string secret)
    {
        // Hashes have one length, so the comparison gives away nothing about the secret's.
        var hash = Hash(secret);
        AccessKey? found = null;
        foreach (var (known, key) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(known, hash))
                found = key;
        }

        return found;
    }

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}

/// <summary>What a secret stands for.</summary>
/// <param name="Role">What its bearer is; not a player.</param>
public sealed record AccessKey(PrincipalRole Role)
{
    private const int MaxNameLength = 64;

    /// <summary>What its bearer is called, where it does not say so itself; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>How much its bearer is trusted with. The default value is 0; for an admin it does not count.</summary>
    public int Level { get; init; }

    /// <summary>Who its bearer is.</summary>
    /// <param name="name">What it calls itself; null or empty when it does not say.</param>
    /// <returns>The principal; null when it has no name, or one that can't be.</returns>
    public Principal? ToPrincipal(string? name)
    {
        var chosen = string.IsNullOrEmpty(name) ? Name : name;
        if (!IsName(chosen))
            return null;
        return Role switch
        {
            PrincipalRole.GameServer => Principal.GameServer(chosen!, Level),
            PrincipalRole.Service => Principal.Service(chosen!, Level),
            PrincipalRole.Support => Principal.Support(chosen!, Level),
            PrincipalRole.Admin => Principal.Admin(chosen!),
            _ => null,
        };
    }

    /// <summary>Whether a bearer can be called so: 1 to 64 characters, none of which is a control character.</summary>
    public static bool IsName(string? name) => name is { Length: > 0 and <= MaxNameLength } && !name.Any(char.IsControl);
}
