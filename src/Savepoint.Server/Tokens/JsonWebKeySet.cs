using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Savepoint.Server.Tokens;

/// <summary>The issuer's public keys, by id (RFC 7517). Keys of other kinds are passed over.</summary>
internal sealed class JsonWebKeySet
{
    private readonly Dictionary<string, Es256PublicKey> _keys;

    private JsonWebKeySet(Dictionary<string, Es256PublicKey> keys) => _keys = keys;

    public Es256PublicKey? Find(string id) => _keys.GetValueOrDefault(id);

    /// <summary>Reads a key set.</summary>
    /// <exception cref="InvalidDataException">It can't be read, holds no usable key, or holds a private one.</exception>
    public static JsonWebKeySet Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var keys = new Dictionary<string, Es256PublicKey>(StringComparer.Ordinal);
            foreach (var entry in document.RootElement.GetProperty("keys").EnumerateArray().Where(IsEs256))
            {
                var key = Read(entry);
                if (!keys.TryAdd(key.Id, key))
                    throw new InvalidDataException($"The key set has two keys with the id '{key.Id}'.");
            }

            return keys.Count > 0 ? new JsonWebKeySet(keys) : throw new InvalidDataException("The key set has no key for ES256 (kty EC, crv P-256).");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or CryptographicException)
        {
            throw new InvalidDataException($"The key set can't be read: {exception.Message}", exception);
        }
    }

    private static bool IsEs256(JsonElement key) =>
        Is(key, "kty", "EC") && Is(key, "crv", "P-256") && (!key.TryGetProperty("use", out _) || Is(key, "use", "sig")) && (!key.TryGetProperty("alg", out _) || Is(key, "alg", "ES256"));

    private static bool Is(JsonElement key, string name, string value) => key.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String && found.ValueEquals(value);

    private static Es256PublicKey Read(JsonElement key)
    {
        if (key.TryGetProperty("d", out _))
            throw new InvalidDataException("The key set holds a private key. Only public ones belong in it.");
        return new Es256PublicKey(Text(key, "kid"), Base64Url.DecodeFromChars(Text(key, "x")), Base64Url.DecodeFromChars(Text(key, "y")));
    }

    private static string Text(JsonElement key, string name) => key.GetProperty(name).GetString() ?? throw new InvalidDataException($"A key has no {name}.");
}
