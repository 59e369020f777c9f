using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Savepoint.EndToEnd.Edge;

/// <summary>A studio that issues its players' tokens itself: a key, and a file with its public half for the servers.</summary>
internal sealed class PlayerIssuer : IDisposable
{
    private const string Issuer = "https://login.test", Audience = "a-game", KeyId = "k1";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _file = Path.GetTempFileName();

    public PlayerIssuer()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        File.WriteAllText(_file, $$"""{"keys":[{"kty":"EC","crv":"P-256","kid":"{{KeyId}}","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}""");
    }

    /// <summary>The settings of servers that believe it, and whose players may write their own profiles.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("Tokens__KeysFile", _file), ("Tokens__Issuer", Issuer), ("Tokens__Audience", Audience),
        ("Permissions__profile__Paths__0__Writers", "Backend, Player"),
    ];

    public string Issue(string userId)
    {
        var content = $"{Encode($$"""{"alg":"ES256","typ":"JWT","kid":"{{KeyId}}"}""")}.{Encode($$"""{"iss":"{{Issuer}}","aud":"{{Audience}}","sub":"{{userId}}","exp":{{DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()}}}""")}";
        return $"{content}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
    }

    public void Dispose()
    {
        _key.Dispose();
        File.Delete(_file);
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
