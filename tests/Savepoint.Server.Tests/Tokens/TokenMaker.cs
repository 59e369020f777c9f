using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Savepoint.Hosting.Tokens;

namespace Savepoint.Server.Tests.Tokens;

/// <summary>An issuer that can also do everything wrong.</summary>
internal sealed class TokenMaker : IDisposable
{
    public const string Header = """{"alg":"ES256","typ":"JWT","kid":"k1"}""";
    public const string Payload = """{"iss":"issuer","aud":"savepoint","sub":"alice","exp":1900000600,"nbf":1900000000}""";

    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_900_000_300);

    private readonly TokenMetrics _metrics = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public byte[] KeySet => Encoding.UTF8.GetBytes($$"""{"keys":[{"kty":"RSA","kid":"other","n":"AQ","e":"AQAB"},{{PublicKey}}]}""");

    public byte[] PublicKeyPem => Encoding.ASCII.GetBytes(_key.ExportSubjectPublicKeyInfoPem());

    private string PublicKey
    {
        get
        {
            var point = _key.ExportParameters(false).Q;
            return $$"""{"kty":"EC","crv":"P-256","kid":"k1","x":"{{Encode(point.X!)}}","y":"{{Encode(point.Y!)}}"}""";
        }
    }

    public PlayerTokens Verifier(TimeSpan? skew = null, TimeProvider? time = null) =>
        new([TrustedIssuer.Elsewhere("issuer", "savepoint", KeySet, skew ?? TimeSpan.Zero)], capacity: 100, time ?? new FixedTime(), _metrics);

    public string Sign(string header = Header, string payload = Payload)
    {
        var content = $"{Encode(header)}.{Encode(payload)}";
        return $"{content}.{Encode(_key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
    }

    public static string Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

    public static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    public void Dispose()
    {
        _key.Dispose();
        _metrics.Dispose();
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
