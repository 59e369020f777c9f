using System.Security.Cryptography;

namespace Savepoint.Server.Tokens;

/// <summary>A public key on the curve P-256, for signatures with ES256 (RFC 7518, section 3.4).</summary>
internal sealed class Es256PublicKey : IDisposable
{
    private const int CoordinateBytes = 32;
    private const int SignatureBytes = 2 * CoordinateBytes;

    private readonly Lock _gate = new();
    private readonly ECDsa _key;

    /// <summary>Takes a point.</summary>
    /// <exception cref="CryptographicException">It is not on the curve.</exception>
    public Es256PublicKey(string id, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        if (x.Length != CoordinateBytes || y.Length != CoordinateBytes)
            throw new CryptographicException("A coordinate of P-256 has 32 bytes.");
        Id = id;
        _key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = x.ToArray(), Y = y.ToArray() } });
    }

    public string Id { get; }

    public bool Verify(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureBytes)
            return false;

        // An ECDsa object is not for several threads at once; a check takes about 0.1 ms and happens once per connection.
        lock (_gate)
            return _key.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    public void Dispose() => _key.Dispose();
}
