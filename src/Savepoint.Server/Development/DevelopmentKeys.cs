using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Savepoint.Server.Hosting;

namespace Savepoint.Server.Development;

/// <summary>What <c>--dev</c> makes up and keeps under the data path: secrets of game servers and of an admin, and a key to sign players' tokens with.</summary>
internal sealed class DevelopmentKeys : IDisposable
{
    public const string Issuer = "savepoint-dev";
    public const string Audience = "savepoint";

    private const string KeyId = "dev";

    private readonly ECDsa _key;
    private readonly JsonWebKey _signing;

    private DevelopmentKeys(ECDsa key, string folder)
    {
        _key = key;
        _signing = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(key) { KeyId = KeyId });
        (GameServerSecret, SecretFile) = Secret(folder, "game-server-secret");
        (AdminSecret, AdminSecretFile) = Secret(folder, "admin-secret");
    }

    public string GameServerSecret { get; }

    /// <summary>Where the secret is written, for game servers on this machine.</summary>
    public string SecretFile { get; }

    public string AdminSecret { get; }

    /// <summary>Where the admin's secret is written, for people on this machine.</summary>
    public string AdminSecretFile { get; }

    public static DevelopmentKeys LoadOrCreate(string dataPath)
    {
        var folder = Path.Combine(dataPath, "dev");
        var pem = SecretFiles.ReadOrCreate(Path.Combine(folder, "player-token-key.pem"), CreateKey);
        var key = ECDsa.Create();
        key.ImportFromPem(Encoding.ASCII.GetString(pem));
        return new DevelopmentKeys(key, folder);
    }

    /// <summary>The public key as a key set.</summary>
    public byte[] PublicKeySet()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        var key = new JsonObject
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["use"] = "sig",
            ["alg"] = "ES256",
            ["kid"] = KeyId,
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
        };
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["keys"] = new JsonArray(key) });
    }

    public string IssueToken(string userId, DateTimeOffset now, DateTimeOffset expires)
    {
        var payload = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = Audience,
            ["sub"] = userId,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
        };

        // What is kept for a key in the process would go on using the key of a server that was here before, from the same file, and is no more.
        var credentials = new SigningCredentials(_signing, SecurityAlgorithms.EcdsaSha256) { CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(payload.ToJsonString(), credentials);
    }

    public void Dispose() => _key.Dispose();

    private static (string Secret, string File) Secret(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        var secret = SecretFiles.ReadOrCreate(file, () => Encoding.ASCII.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))));
        return (Encoding.ASCII.GetString(secret).Trim(), file);
    }

    private static byte[] CreateKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem());
    }
}
