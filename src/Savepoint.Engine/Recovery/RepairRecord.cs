using Savepoint.Documents;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;

namespace Savepoint.Engine.Recovery;

/// <summary>
/// The payload of a record of the type <see cref="RecordType.Repaired"/>: what is kept beside the document, and the document as a delta of the empty one, or
/// none. It needs nothing of what was before: so whoever replays it over a row that can't be read gets the entity.
/// </summary>
internal static class RepairRecord
{
    /// <summary>Writes one.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="extras">What is kept beside the document.</param>
    /// <param name="exists">Whether there is a document.</param>
    /// <param name="document">It, as a delta of the empty one.</param>
    public static void Write(ByteBuffer buffer, EntityExtras extras, bool exists, ReadOnlySpan<byte> document)
    {
        buffer.Block(EntityMetadata.Encode(extras));
        buffer.Byte(exists ? (byte)1 : (byte)0);
        buffer.Block(document);
    }

    /// <summary>What is kept beside the document.</summary>
    /// <exception cref="JournalFormatException">It can't be read.</exception>
    public static EntityExtras ExtrasIn(ReadOnlySpan<byte> payload)
    {
        var cursor = new ByteCursor(payload);
        var extras = EntityMetadata.Decode(cursor.Block()) ?? new EntityExtras();

        // What was erased may be in the store still: the row that should have said so could not be read.
        extras.IsErasureStored = false;
        return extras;
    }

    /// <summary>Whether it leaves the entity removed.</summary>
    public static bool IsRemoval(ReadOnlySpan<byte> payload) => !TryDocument(payload, out _);

    /// <summary>The document, as a delta of the empty one.</summary>
    /// <returns>Whether there is one.</returns>
    public static bool TryDocument(ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> delta)
    {
        var cursor = new ByteCursor(payload);
        cursor.Block();
        var exists = cursor.Byte() == 1;
        delta = cursor.Block();
        return exists;
    }

    /// <summary>The document; null when there is none.</summary>
    /// <exception cref="JournalFormatException">It can't be read.</exception>
    public static Document? DocumentIn(ReadOnlySpan<byte> payload, RecordReplay replay)
    {
        if (!TryDocument(payload, out var delta))
            return null;
        var document = new Document();
        replay.Apply(document, delta);
        return document;
    }
}
