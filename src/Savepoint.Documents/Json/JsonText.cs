using System.Text;
using System.Text.Json;

namespace Savepoint.Documents;

/// <summary>The names and text rules of the JSON form.</summary>
internal static class JsonText
{
    public const string Timestamp = "$timestamp";
    public const string Bytes = "$bytes";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string EscapeKey(string key) => IsEscaped(key) ? "$" + key : key;

    public static string UnescapeKey(string key)
    {
        if (!IsEscaped(key))
            return key;
        return key.Length > 1 && key[1] == '$' ? key[1..] : throw new DocumentException(DocumentError.InvalidJson, detail: $"'{key}' has no meaning here");
    }

    public static byte[] ToUtf8(string text)
    {
        try
        {
            return Strict.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            throw new DocumentException(DocumentError.InvalidString);
        }
    }

    public static string Read(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw NotText();
        }
    }

    public static bool Is(ref Utf8JsonReader reader, string name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            throw NotText();
        }
    }

    // Invalid UTF-8, or an escaped lone surrogate.
    private static DocumentException NotText() => new(DocumentError.InvalidString);

    private static bool IsEscaped(string key) => key.Length > 0 && key[0] == '$';
}
