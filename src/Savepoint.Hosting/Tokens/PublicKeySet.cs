using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Savepoint.Hosting.Tokens;

/// <summary>An issuer's public keys for ES256, by id, as it publishes them (RFC 7517). Keys of other kinds are passed over.</summary>
internal sealed class PublicKeySet : ITokenKeys
{
    private const int CoordinateBytes = 32;

    private readonly Dictionary<string, JsonWebKey> _keys;

    private PublicKeySet(Dictionary<string, JsonWebKey> keys) => _keys = keys;

    public bool IsReady => true;

    public JsonWebKey? Find(string keyId) => _keys.GetValueOrDefault(keyId);

    /// <summary>Reads a key set.</summary>
    /// <exception cref="InvalidDataException">It can't be read, holds no usable key, or holds a private one.</exception>
    public static PublicKeySet Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var keys = new Dictionary<string, JsonWebKey>(StringComparer.Ordinal);
            foreach (var key in JsonWebKeySet.Create(Encoding.UTF8.GetString(json)).Keys.Where(IsEs256))
            {
                Check(key);
                if (!keys.TryAdd(key.Kid, key))
                    throw new InvalidDataException($"The key set has two keys with the id '{key.Kid}'.");
            }

            return keys.Count > 0 ? new PublicKeySet(keys) : throw new InvalidDataException("The key set has no key for ES256 (kty EC, crv P-256).");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or CryptographicException)
        {
            throw new InvalidDataException($"The key set can't be read: {exception.Message}", exception);
        }
    }

    private static bool IsEs256(JsonWebKey key) =>
        key is { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv: JsonWebKeyECTypes.P256, Use: null or "sig", Alg: null or SecurityAlgorithms.EcdsaSha256 };

    /// <exception cref="CryptographicException">It is no point on the curve.</exception>
    private static void Check(JsonWebKey key)
    {
        if (key.HasPrivateKey)
            throw new InvalidDataException("The key set holds a private key. Only public ones belong in it.");
        if (string.IsNullOrEmpty(key.Kid))
            throw new InvalidDataException("The key set can't be read: a key has no kid.");
        var (x, y) = (Base64Url.DecodeFromChars(key.X), Base64Url.DecodeFromChars(key.Y));
        if (x.Length != CoordinateBytes || y.Length != CoordinateBytes)
            throw new CryptographicException("A coordinate of P-256 has 32 bytes.");
        ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = x, Y = y } }).Dispose();
    }
}
