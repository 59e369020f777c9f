using Savepoint.Documents;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Recovery;

/// <summary>Turns stored rows into entities.</summary>
internal static class StoredEntities
{
    // A stored document is judged by its form alone: limits may have been lowered since it was accepted.
    private static readonly DocumentLimits Form = DocumentLimits.Widest;

    /// <summary>Makes an entity from its row. One that can't be read comes out quarantined: served to nobody, never replaced.</summary>
    public static Entity Read(StoredEntity stored, Kind kind)
    {
        var entity = new Entity(stored.Key, kind)
        {
            Version = stored.Version,
            Sequence = stored.Sequence,
            AtTicks = stored.At.UtcTicks,
            SnapshotVersion = stored.Version,
        };
        if (stored.QuarantineError is { } known)
        {
            entity.NeedExtras().QuarantineError = known;
            return entity;
        }

        try
        {
            entity.Extras = EntityMetadata.Decode(stored.Metadata.Span);
            entity.Document = Decode(stored.Document);
        }
        catch (JournalFormatException damage)
        {
            // Nothing else of it is used: a session in it would expire, and its record make the rest look like the state.
            entity.Extras = new EntityExtras { QuarantineError = damage.Message };
        }

        return entity;
    }

    public static Document? Decode(ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } present)
            return null;
        var error = Document.TryDecode(present.Span, Form, out var document);
        return error == DocumentError.None ? document : throw new JournalFormatException($"the stored document can't be read ({error.Code()})");
    }
}
