using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Savepoint.Documents;

/// <summary>
/// The JSON form of documents, for people, REST and exports. Lossless both ways: an integer is a number without, a double one with a
/// point or exponent; a moment is <c>{"$timestamp":"2026-01-31T12:00:00.0000000Z"}</c>, bytes are <c>{"$bytes":"base64"}</c>, and a map key
/// that begins with <c>$</c> gets one more in front.
/// </summary>
public static class DocumentJson
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Indented = Compact with { Indented = true };

    /// <summary>The document as JSON text.</summary>
    /// <param name="document">The document.</param>
    /// <param name="indented">Whether to indent it for people. The default is false.</param>
    /// <returns>The text.</returns>
    public static string ToText(Document document, bool indented = false) => Encoding.UTF8.GetString(ToUtf8(document, indented));

    /// <summary>The document as JSON in UTF-8.</summary>
    /// <param name="document">The document.</param>
    /// <param name="indented">Whether to indent it for people. The default is false.</param>
    /// <returns>The bytes.</returns>
    public static byte[] ToUtf8(Document document, bool indented = false)
    {
        ArgumentNullException.ThrowIfNull(document);
        var buffer = new ArrayBufferWriter<byte>(document.EncodedSize + 64);
        using (var writer = new Utf8JsonWriter(buffer, indented ? Indented : Compact))
            Write(writer, document);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes a document.</summary>
    /// <param name="writer">Where to; its options decide on escaping and indentation.</param>
    /// <param name="document">The document.</param>
    public static void Write(Utf8JsonWriter writer, Document document)
    {
        ArgumentNullException.ThrowIfNull(document);
        Write(writer, (Value)document.Root);
    }

    /// <summary>Writes one value.</summary>
    /// <param name="writer">Where to; its options decide on escaping and indentation.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="DocumentException">The value is absent (<see cref="DocumentError.NullValue"/>).</exception>
    public static void Write(Utf8JsonWriter writer, Value value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        JsonValueWriter.Write(writer, value);
    }

    /// <summary>Reads a document from JSON text.</summary>
    /// <param name="text">The text; nothing but white space may follow the document.</param>
    /// <param name="limits">The limits to keep; null for <see cref="DocumentLimits.Default"/>.</param>
    /// <returns>The document.</returns>
    /// <exception cref="DocumentException">The text is refused.</exception>
    public static Document Parse(string text, DocumentLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(JsonText.ToUtf8(text), limits);
    }

    /// <summary>Reads a document from JSON in UTF-8.</summary>
    /// <param name="utf8">The bytes; nothing but white space may follow the document.</param>
    /// <param name="limits">The limits to keep; null for <see cref="DocumentLimits.Default"/>.</param>
    /// <returns>The document.</returns>
    /// <exception cref="DocumentException">The bytes are refused.</exception>
    public static Document Parse(ReadOnlySpan<byte> utf8, DocumentLimits? limits = null)
    {
        limits ??= DocumentLimits.Default;
        // One level more, for the object around a timestamp or bytes.
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = limits.MaxDepth + 1 });
        try
        {
            reader.Read();
            var root = JsonValueReader.Read(ref reader, limits, level: 1);
            if (reader.Read() || !root.TryGetMap(out var map))
                throw new DocumentException(DocumentError.InvalidJson, detail: "a document is one object");
            return new Document(map, limits);
        }
        catch (Exception failure) when (JsonText.IsRefusal(failure))
        {
            throw JsonText.Refusal(failure);
        }
    }

    /// <summary>Reads one value, such as a part of a larger JSON text.</summary>
    /// <param name="reader">Stands on the value's first token; stands on its last one afterwards.</param>
    /// <param name="limits">The limits to keep; null for <see cref="DocumentLimits.Default"/>.</param>
    /// <returns>The value.</returns>
    /// <exception cref="DocumentException">The value is refused.</exception>
    public static Value ReadValue(ref Utf8JsonReader reader, DocumentLimits? limits = null)
    {
        limits ??= DocumentLimits.Default;
        try
        {
            var value = JsonValueReader.Read(ref reader, limits, level: 1);
            return value.EncodedSize <= limits.MaxDocumentBytes ? value : throw new DocumentException(DocumentError.TooLarge);
        }
        catch (Exception failure) when (JsonText.IsRefusal(failure))
        {
            throw JsonText.Refusal(failure);
        }
    }
}
