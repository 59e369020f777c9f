using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Savepoint.Hosting.Secrets;

namespace Savepoint.Hosting.Tokens;

/// <summary>One of the keys that tokens are signed with. It is kept nowhere: whoever has the server's secret can derive it.</summary>
internal sealed class PlayerKey
{
    // 128 bits more than the order has, so that the remainder favours no scalar noticeably (FIPS 186-5, A.2.1).
    private const int SeedBytes = 48, ScalarBytes = 32;

    // The order of the group of P-256 (FIPS 186-4, D.1.2.3).
    private static readonly BigInteger Order = BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private PlayerKey(long number, JsonWebKey signing, JsonWebKey verifying) => (Number, Signing, Verifying) = (number, signing, verifying);

    public long Number { get; }

    public string Id => Verifying.Kid;

    public JsonWebKey Signing { get; }

    public JsonWebKey Verifying { get; }

    /// <returns>Null while the server does not know its secret.</returns>
    public static PlayerKey? Derive(IServerSecrets secrets, int generation, long number)
    {
        Span<byte> seed = stackalloc byte[SeedBytes];
        if (!secrets.TryDerive(string.Create(CultureInfo.InvariantCulture, $"player tokens {generation} {number}"), seed))
            return null;
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = ScalarOf(seed) });
        CryptographicOperations.ZeroMemory(seed);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        var id = string.Create(CultureInfo.InvariantCulture, $"{generation}.{number}");
        return new PlayerKey(number, Describe(id, parameters, isPrivate: true), Describe(id, parameters, isPrivate: false));
    }

    private static byte[] ScalarOf(ReadOnlySpan<byte> seed)
    {
        var scalar = (new BigInteger(seed, isUnsigned: true, isBigEndian: true) % (Order - 1)) + 1;
        var bytes = new byte[ScalarBytes];
        scalar.TryWriteBytes(bytes.AsSpan(ScalarBytes - scalar.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        return bytes;
    }

    private static JsonWebKey Describe(string id, ECParameters parameters, bool isPrivate) => new()
    {
        Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve,
        Crv = JsonWebKeyECTypes.P256,
        Use = "sig",
        Alg = SecurityAlgorithms.EcdsaSha256,
        Kid = id,
        X = Base64Url.EncodeToString(parameters.Q.X),
        Y = Base64Url.EncodeToString(parameters.Q.Y),
        D = isPrivate ? Base64Url.EncodeToString(parameters.D) : null,
    };
}
