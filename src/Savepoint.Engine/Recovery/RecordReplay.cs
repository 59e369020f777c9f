using Savepoint.Documents;
using Savepoint.Engine.Checkpoints;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Recovery;

/// <summary>Brings an entity forward by a record of the journal.</summary>
internal sealed class RecordReplay
{
    // What was accepted once stays valid, also when a limit was lowered since.
    private static readonly DocumentLimits Limits = new()
    {
        MaxDepth = DocumentLimits.DepthCeiling,
        MaxKeyLength = DocumentLimits.KeyLengthCeiling,
        MaxDocumentBytes = 1 << 28,
        MaxListLength = 1 << 24,
        MaxMapLength = 1 << 24,
        MaxDeltaBytes = 1 << 29,
        MaxDeltaOperations = 1 << 24,
    };

    private readonly UndoLog _undo = new();

    /// <summary>Applies a record that is newer than the entity.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="record">The record.</param>
    /// <param name="copies">Keeps what has to be kept whole on the way.</param>
    /// <exception cref="JournalFormatException">It does not fit the entity.</exception>
    public void Apply(Entity entity, in RecordView record, WholeCopies copies)
    {
        if (record.Type == RecordType.Repaired)
        {
            Repair(entity, record, copies);
            return;
        }

        if (copies.Before(entity, record.AtTicks) is { } before)
            entity.NeedExtras().Keep(before);
        foreach (var processed in record.ProcessedMessages ?? [])
            entity.Extras?.Messages?.RemoveAll(message => message.Id == processed);
        switch (record.Type)
        {
            case RecordType.Changed:
                RequireNext(entity, record);
                entity.Document ??= new Document();
                Apply(entity.Document, record.Payload);
                break;
            case RecordType.Removed or RecordType.Erased:
                RequireNext(entity, record);
                entity.Document = null;
                OnRemoved(entity);
                if (record.Type == RecordType.Erased)
                    entity.NeedExtras().Erase(record.Version, record.Sequence);
                break;
            case RecordType.SessionOpened:
                var cursor = new ByteCursor(record.Payload);
                entity.NeedExtras().Session = EntityMetadata.ReadSession(ref cursor);
                break;
            case RecordType.SessionEnded:
                if (entity.Extras?.Session is { } session)
                    session.IsActive = false;
                break;
            case RecordType.MessageAdded:
                AddMessage(entity, record.Payload);
                break;
            default:
                throw new JournalFormatException($"a record has the type {(int)record.Type}, which is not known here");
        }

        entity.Version = record.Version;
        entity.Sequence = record.Sequence;
        entity.AtTicks = record.AtTicks;
    }

    /// <summary>Applies a delta that was accepted before.</summary>
    /// <exception cref="JournalFormatException">It can't be applied.</exception>
    public void Apply(Document document, ReadOnlySpan<byte> delta)
    {
        var error = Delta.TryApply(document, delta, Limits, _undo);
        _undo.Clear();
        if (error != DocumentError.None)
            throw new JournalFormatException($"a delta can't be applied ({error.Code()})");
    }

    private void Repair(Entity entity, in RecordView record, WholeCopies copies)
    {
        var extras = RepairRecord.ExtrasIn(record.Payload);
        foreach (var copy in entity.Extras?.TakeCopies() ?? [])
            extras.Keep(copy);
        entity.Extras = extras;
        entity.Document = RepairRecord.DocumentIn(record.Payload, this);
        entity.Version = record.Version;
        entity.Sequence = record.Sequence;
        entity.AtTicks = record.AtTicks;
        extras.Keep(copies.Of(entity));
    }

    private static void RequireNext(Entity entity, in RecordView record)
    {
        if (record.Version != entity.Version + 1)
            throw new JournalFormatException($"version {record.Version} of {entity.Key} follows on version {entity.Version}");
    }

    private static void OnRemoved(Entity entity)
    {
        if (entity.Extras is not { } extras)
            return;
        extras.Messages = null;
        if (extras.Session is { } session)
            session.IsActive = false;
    }

    private static void AddMessage(Entity entity, ReadOnlySpan<byte> payload)
    {
        var cursor = new ByteCursor(payload);
        var message = EntityMetadata.ReadMessage(ref cursor);
        var extras = entity.NeedExtras();
        (extras.Messages ??= []).Add(message);
        extras.LastMessage = message.Id;
    }
}
