using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Savepoint.Documents;
using Savepoint.Engine;

namespace Savepoint.Modules.Profiles.Json;

/// <summary>Writes answers. Documents are in their lossless JSON form (<see cref="DocumentJson"/>).</summary>
internal static class ProfileJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A document that came from the engine.</summary>
    public static Document Decode(byte[] document) => Document.Decode(document, DocumentLimits.Widest);

    /// <summary>Answers with an object.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="key">The entity, whose kind and id it begins with; null for none.</param>
    /// <param name="fields">Writes the fields.</param>
    public static async Task WriteAsync(HttpResponse response, EntityKey? key, Action<Utf8JsonWriter> fields)
    {
        // Written whole before the first byte goes out: what fails on the way still gets a problem.
        var buffer = new ArrayBufferWriter<byte>(512);
        await using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            if (key is { } of)
            {
                writer.WriteString("kind", of.Kind);
                writer.WriteString("id", of.Id);
            }

            fields(writer);
            writer.WriteEndObject();
        }

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = buffer.WrittenCount;
        await response.Body.WriteAsync(buffer.WrittenMemory, response.HttpContext.RequestAborted);
    }

    /// <summary>Writes a document as a field.</summary>
    public static void WriteDocument(this Utf8JsonWriter writer, string name, Document document)
    {
        writer.WritePropertyName(name);
        DocumentJson.Write(writer, document);
    }
}
