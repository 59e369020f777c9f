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

    /// <summary>What the framework's reader throws, in our words.</summary>
    public static DocumentException Refusal(Exception failure) => failure is JsonException
        ? new DocumentException(DocumentError.InvalidJson, detail: failure.Message)
        : new DocumentException(DocumentError.InvalidString, detail: failure.Message);

    /// <summary>Whether the framework's reader threw for the text's sake; invalid UTF-8 and lone surrogates are invalid operations to it.</summary>
    public static bool IsRefusal(Exception failure) => failure is JsonException or InvalidOperationException;

    private static bool IsEscaped(string key) => key.Length > 0 && key[0] == '$';
}
