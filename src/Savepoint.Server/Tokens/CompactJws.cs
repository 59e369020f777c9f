using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Savepoint.Server.Tokens;

/// <summary>A signed token in its compact form (RFC 7515, section 7.1), taken apart strictly and not yet believed.</summary>
internal sealed class CompactJws : IDisposable
{
    /// <summary>The longest token that is looked at.</summary>
    public const int MaxLength = 8 << 10;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly JsonDocument _header;
    private readonly JsonDocument _payload;

    private CompactJws(JsonDocument header, JsonDocument payload, byte[] signedContent, byte[] signature) =>
        (_header, _payload, SignedContent, Signature) = (header, payload, signedContent, signature);

    public JsonElement Header => _header.RootElement;

    public JsonElement Payload => _payload.RootElement;

    /// <summary>What the signature was made of: the encoded header, a dot, and the encoded payload.</summary>
    public byte[] SignedContent { get; }

    public byte[] Signature { get; }

    public static bool TryParse(string token, [NotNullWhen(true)] out CompactJws? jws)
    {
        jws = null;
        if (token.Length > MaxLength || token.Split('.') is not [var header, var payload, var signature])
            return false;
        if (!TryDecode(header, out var headerBytes) || !TryDecode(payload, out var payloadBytes) || !TryDecode(signature, out var signatureBytes))
            return false;
        if (!TryReadObject(headerBytes, out var headerJson))
            return false;
        if (!TryReadObject(payloadBytes, out var payloadJson))
        {
            headerJson.Dispose();
            return false;
        }

        jws = new CompactJws(headerJson, payloadJson, Encoding.ASCII.GetBytes($"{header}.{payload}"), signatureBytes);
        return true;
    }

    public void Dispose()
    {
        _header.Dispose();
        _payload.Dispose();
    }

    private static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.Length == 0 || !Base64Url.IsValid(text))
            return false;
        bytes = Base64Url.DecodeFromChars(text);

        // The decoder tolerates padding, blanks and stray bits; a token has exactly one spelling.
        return string.Equals(Base64Url.EncodeToString(bytes), text, StringComparison.Ordinal);
    }

    private static bool TryReadObject(byte[] json, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        if (!Utf8.IsValid(json))
            return false;
        try
        {
            document = JsonDocument.Parse(json, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return true;
            document.Dispose();
            return false;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
