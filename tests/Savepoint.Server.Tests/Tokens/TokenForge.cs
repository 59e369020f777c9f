using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Hosting.Tokens;

namespace Savepoint.Server.Tests.Tokens;

/// <summary>Makes every bad token there is out of a server's own key: each differs from a good one in one thing.</summary>
internal sealed class TokenForge : IDisposable
{
    private const string User = "alice", LoginSession = "phone";

    private readonly ECDsa _ours, _others = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _kid;
    private readonly long _now;

    public TokenForge(IServiceProvider server)
    {
        var now = server.GetRequiredService<TimeProvider>().GetUtcNow();
        var key = server.GetRequiredService<PlayerKeyRing>().At(now);
        _ours = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Base64Url.DecodeFromChars(key.Signing.D) });
        (_kid, _now) = (key.Id, now.ToUnixTimeSeconds());
    }

    private string Head => $$"""{"alg":"ES256","kid":"{{_kid}}","typ":"JWT"}""";

    public string Good() => Token(Head, Claims());

    public IEnumerable<(string Name, string Token)> All() =>
        [.. Headers(), .. SymmetricOnes(), .. KeyTricks(), .. Times(), .. WrongClaims(), .. Users(), .. Signatures(), .. Cuts(), .. BitFlips(), .. Sizes()];

    public void Dispose()
    {
        _ours.Dispose();
        _others.Dispose();
    }

    private IEnumerable<(string, string)> Headers()
    {
        foreach (var none in new[] { "none", "None", "NONE", "nOnE", "none ", "", "ES384", "es256", "RS256", "PS256", "HS256", "EdDSA" })
        {
            yield return ($"alg '{none}', signed", Token($$"""{"alg":"{{none}}","kid":"{{_kid}}","typ":"JWT"}""", Claims()));
            yield return ($"alg '{none}', unsigned", $"{Encode($$"""{"alg":"{{none}}","kid":"{{_kid}}","typ":"JWT"}""")}.{Encode(Claims())}.");
        }

        yield return ("no alg", Token($$"""{"kid":"{{_kid}}","typ":"JWT"}""", Claims()));
        yield return ("alg twice", Token($$"""{"alg":"none","alg":"ES256","kid":"{{_kid}}","typ":"JWT"}""", Claims()));
        yield return ("alg twice, the other way round", Token($$"""{"alg":"ES256","alg":"none","kid":"{{_kid}}","typ":"JWT"}""", Claims()));
        yield return ("crit", Token($$"""{"alg":"ES256","kid":"{{_kid}}","typ":"JWT","crit":["b64"],"b64":true}""", Claims()));
        yield return ("an empty crit", Token($$"""{"alg":"ES256","kid":"{{_kid}}","typ":"JWT","crit":[]}""", Claims()));
        yield return ("another type", Token($$"""{"alg":"ES256","kid":"{{_kid}}","typ":"at+jwt"}""", Claims()));
        yield return ("a nested token", Token($$"""{"alg":"ES256","kid":"{{_kid}}","typ":"JWT","cty":"JWT"}""", Good()));
        yield return ("a header that is a list", Token("""["ES256"]""", Claims()));
    }

    /// <summary>The public key is no secret: who takes it for one lets everybody in.</summary>
    private IEnumerable<(string, string)> SymmetricOnes()
    {
        var point = _ours.ExportParameters(includePrivateParameters: false).Q;
        var content = $"{Encode($$"""{"alg":"HS256","kid":"{{_kid}}","typ":"JWT"}""")}.{Encode(Claims())}";
        foreach (var (name, secret) in new (string, byte[])[]
        {
            ("PEM", Encoding.ASCII.GetBytes(_ours.ExportSubjectPublicKeyInfoPem())),
            ("PEM with a line feed", Encoding.ASCII.GetBytes(_ours.ExportSubjectPublicKeyInfoPem() + "\n")),
            ("DER", _ours.ExportSubjectPublicKeyInfo()),
            ("JWK", Encoding.ASCII.GetBytes($$"""{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"{{_kid}}","x":"{{Encode(point.X!)}}","y":"{{Encode(point.Y!)}}"}""")),
            ("x", point.X!),
            ("nothing", []),
        })
            yield return ($"HS256 with the public key as {name}", $"{content}.{Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(content)))}");
    }

    private IEnumerable<(string, string)> KeyTricks()
    {
        foreach (var kid in new[] { "\"\"", "\"../../../../dev/null\"", "\"/etc/passwd\"", "\"' or '1'='1\"", "\"x'; drop table entities; --\"", $"[\"{_kid}\"]", "null", "0", "{}", $"\"{_kid} \"", "\"dev\"", "\"0.0\"", $"\"{_kid}\\u0000\"" })
            yield return ($"kid {kid}", Token($$"""{"alg":"ES256","kid":{{kid}},"typ":"JWT"}""", Claims()));
        yield return ("no kid", Token("""{"alg":"ES256","typ":"JWT"}""", Claims()));
        yield return ("kid twice", Token($$"""{"alg":"ES256","kid":"other","kid":"{{_kid}}","typ":"JWT"}""", Claims()));

        var point = _others.ExportParameters(includePrivateParameters: false).Q;
        var jwk = $$"""{"kty":"EC","crv":"P-256","kid":"{{_kid}}","x":"{{Encode(point.X!)}}","y":"{{Encode(point.Y!)}}"}""";
        foreach (var (name, extra) in new[]
        {
            ("jwk", $"\"jwk\":{jwk}"), ("x5c", $"\"x5c\":[\"{Convert.ToBase64String(_others.ExportSubjectPublicKeyInfo())}\"]"),
            ("jku", "\"jku\":\"http://127.0.0.1:1/keys\""), ("x5u", "\"x5u\":\"http://127.0.0.1:1/keys\""), ("nothing", "\"x\":1"),
        })
        {
            yield return ($"another's key, with {name}", Token($$"""{"alg":"ES256","kid":"{{_kid}}","typ":"JWT",{{extra}}}""", Claims(), _others));
            yield return ($"another's key, with {name} and no kid", Token($$"""{"alg":"ES256","typ":"JWT",{{extra}}}""", Claims(), _others));
        }
    }

    private IEnumerable<(string, string)> Times()
    {
        yield return ("expired long ago", Token(Head, Claims(exp: $"{_now - 3_600}")));
        yield return ("expired just now", Token(Head, Claims(exp: $"{_now}")));
        yield return ("not yet valid", Token(Head, Claims(nbf: $"{_now + 3_600}")));
        foreach (var exp in new[] { "null", $"\"{_now + 600}\"", "-1", "1e999", "[]", "true", "\"never\"" })
            yield return ($"exp {exp}", Token(Head, Claims(exp: exp)));
        foreach (var nbf in new[] { "null", "\"0\"", "[]", "1e999" })
            yield return ($"nbf {nbf}", Token(Head, Claims(nbf: nbf)));
        yield return ("no exp", Token(Head, $$"""{"iss":"savepoint","aud":"savepoint","sub":"{{User}}","sid":"{{LoginSession}}"}"""));
    }

    private IEnumerable<(string, string)> WrongClaims()
    {
        foreach (var iss in new[] { "\"savepoint-dev\"", "\"Savepoint\"", "\"savepoint \"", "\"\"", "null", "[\"savepoint\"]", "\"http://evil\"" })
            yield return ($"iss {iss}", Token(Head, Claims(iss: iss)));
        foreach (var aud in new[] { "\"other\"", "\"Savepoint\"", "\"savepoint \"", "\"\"", "null", "[]", "[\"other\"]", "7", "{}" })
            yield return ($"aud {aud}", Token(Head, Claims(aud: aud)));
        foreach (var sid in new[] { "\"\"", "null", "7", $"\"{new string('x', 65)}\"", "[\"phone\"]" })
            yield return ($"sid {sid}", Token(Head, Claims(sid: sid)));
        foreach (var claim in new[] { "sub", "sid", "iss", "aud" })
            yield return ($"{claim} twice", Token(Head, Claims().Insert(1, $"\"{claim}\":\"mallory\",")));
        yield return ("exp twice", Token(Head, Claims().Insert(1, $"\"exp\":{_now - 600},")));
        yield return ("an ended login session", Token(Head, Claims(sid: "\"ended\"")));
        yield return ("claims that are a list", Token(Head, "[]"));
        yield return ("claims that are a text", Token(Head, "\"alice\""));
        yield return ("claims that are no JSON", Token(Head, "alice"));
        yield return ("no claims", Token(Head, ""));
        yield return ("claims in depth", Token(Head, Claims().Insert(1, $"\"x\":{new string('[', 1_000)}{new string(']', 1_000)},")));
        yield return ("claims that are no UTF-8", Token(Head, [.. Encoding.UTF8.GetBytes("{\"sub\":\""), 0xff, 0xfe, .. Encoding.UTF8.GetBytes($"\",{Claims()[1..]}")]));
    }

    private IEnumerable<(string, string)> Users()
    {
        foreach (var sub in new[] { "\"\"", "null", "7", "true", "[\"alice\"]", "{\"id\":\"alice\"}", "\"a\\u0000b\"", "\"a\\nb\"", "\"\\u001b[2J\"", "\"a\\ud800b\"", $"\"{new string('x', 257)}\"" })
            yield return ($"sub {sub}", Token(Head, Claims(sub: sub)));
        yield return ("no sub", Token(Head, $$"""{"iss":"savepoint","aud":"savepoint","sid":"{{LoginSession}}","exp":{{_now + 600}}}"""));
    }

    private IEnumerable<(string, string)> Signatures()
    {
        var content = $"{Encode(Head)}.{Encode(Claims())}";
        var good = _ours.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256);
        var order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
        foreach (var (name, signature) in new (string, byte[])[]
        {
            ("zeros", new byte[64]), ("r = 0", [.. new byte[32], .. good[32..]]), ("s = 0", [.. good[..32], .. new byte[32]]),
            ("r = n", [.. order, .. good[32..]]), ("s = n", [.. good[..32], .. order]), ("r = s = n", [.. order, .. order]), ("ones", [.. Enumerable.Repeat((byte)0xff, 64)]),
            ("nothing", []), ("half of it", good[..32]), ("a byte less", good[..63]), ("a byte more", [.. good, 0]), ("twice", [.. good, .. good]),
            ("DER", _ours.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
            ("SHA-384", _ours.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA384)),
            ("another's", _others.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256)),
            ("that of other claims", _ours.SignData(Encoding.ASCII.GetBytes($"{Encode(Head)}.{Encode(Claims(sub: "\"bob\""))}"), HashAlgorithmName.SHA256)),
        })
            yield return ($"signature: {name}", $"{content}.{Encode(signature)}");
    }

    private IEnumerable<(string, string)> Cuts()
    {
        var good = Good();
        var parts = good.Split('.');
        foreach (var cut in new[] { parts[0], $"{parts[0]}.", $"{parts[0]}.{parts[1]}", $"{parts[0]}.{parts[1]}.", $".{parts[1]}.{parts[2]}", $"{parts[0]}..{parts[2]}", "..", ".", $"{good}.", $"{good}.x.y", $"{good}=", good + good, "null", "undefined", "Bearer" })
            yield return ($"cut to '{cut}'", cut);
        for (var length = 1; length < good.Length; length += 17)
            yield return ($"cut to {length}", good[..length]);
        yield return ("cut by one", good[..^1]);
    }

    private IEnumerable<(string, string)> BitFlips()
    {
        var parts = Good().Split('.');
        for (var part = 0; part < 3; part++)
        {
            var bytes = Base64Url.DecodeFromChars(parts[part]);
            for (var i = 0; i < bytes.Length; i += part == 2 ? 5 : 9)
            {
                var flipped = bytes.ToArray();
                flipped[i] ^= (byte)(1 << (i % 8));
                var changed = parts.ToArray();
                changed[part] = Encode(flipped);
                yield return ($"bit {i % 8} of byte {i} of part {part}", string.Join('.', changed));
            }
        }
    }

    private IEnumerable<(string, string)> Sizes()
    {
        yield return ("9 KB", Token(Head, Claims().Insert(1, $"\"x\":\"{new string('x', 9_000)}\",")));
        yield return ("100 KB", Token(Head, Claims().Insert(1, $"\"x\":\"{new string('x', 100_000)}\",")));
        yield return ("7 KB of dots", new string('.', 7_000));
    }

    private string Claims(string iss = "\"savepoint\"", string aud = "\"savepoint\"", string sub = $"\"{User}\"", string sid = $"\"{LoginSession}\"", string? exp = null, string? nbf = null) =>
        $$"""{"iss":{{iss}},"aud":{{aud}},"sub":{{sub}},"sid":{{sid}},"iat":{{_now}},"nbf":{{nbf ?? $"{_now}"}},"exp":{{exp ?? $"{_now + 600}"}},"jti":"x"}""";

    private string Token(string header, string claims) => Token(header, Encoding.UTF8.GetBytes(claims));

    private string Token(string header, string claims, ECDsa key) => Token(header, Encoding.UTF8.GetBytes(claims), key);

    private string Token(string header, byte[] claims, ECDsa? key = null)
    {
        var content = $"{Encode(header)}.{Encode(claims)}";
        return $"{content}.{Encode((key ?? _ours).SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
