using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Savepoint.Documents;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Postgres.Entities;

/// <summary>Makes the JSON copies of documents. What is no document (a tombstone, ciphertext, damage) has none; it is never a reason to refuse a row.</summary>
internal sealed class JsonCopies(PostgresStoreOptions options)
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly HashSet<string> _kindsWithout = new(options.KindsWithoutJson, StringComparer.Ordinal);

    /// <summary>The copy of each entity, in their order. They lie in one buffer.</summary>
    public ReadOnlyMemory<byte>?[] Of(IReadOnlyList<StoredEntity> entities)
    {
        var copies = new ReadOnlyMemory<byte>?[entities.Count];
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        using var writer = new Utf8JsonWriter(buffer, Compact);
        Span<(int From, int To)> places = new (int, int)[entities.Count];
        for (var i = 0; i < places.Length; i++)
        {
            var from = buffer.WrittenCount;
            if (TryWrite(writer, entities[i]))
                places[i] = (from, buffer.WrittenCount);
        }

        // Only now does the buffer grow no more.
        for (var i = 0; i < copies.Length; i++)
        {
            var (from, to) = places[i];
            if (to > from)
                copies[i] = buffer.WrittenMemory[from..to];
        }

        return copies;
    }

    private bool TryWrite(Utf8JsonWriter writer, StoredEntity entity)
    {
        if (entity.Document is not { } document || _kindsWithout.Contains(entity.Key.Kind))
            return false;
        writer.Reset();
        var isDocument = PlainJson.TryWrite(writer, document.Span);
        writer.Flush();
        return isDocument;
    }
}
