using System.Text;
using Savepoint.Documents;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Recovery;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Units;

/// <summary>
/// Reads what the repair of an entity needs: the version to bring back, and the numbers to go on from. Nothing leads to the newest records of an entity that
/// can't be read, so its shard's journal is read on from what is needed. Where something is missing of it there is no repair: what is newer might be lost, and
/// nobody told. Used once.
/// </summary>
internal sealed class RepairReading(Shard shard, Entity entity, Mutation mutation)
{
    private readonly IStore _store = shard.Store;
    private readonly byte[] _kind = Encoding.UTF8.GetBytes(mutation.Key.Kind);
    private readonly byte[] _id = Encoding.UTF8.GetBytes(mutation.Key.Id);
    private readonly RecordReplay _replay = new();

    // As its row and the records behind it say.
    private EntityExtras _extras = new();
    private long _version;
    private long _sequence;

    // The version to bring back, as far as the records have led to it.
    private Document? _document;
    private long _reached;
    private long _wholeAt;

    private long Wanted => mutation.Kind == MutationKind.Restore ? mutation.RestoredVersion : 0;

    private string? Error => entity.Extras?.QuarantineError;

    /// <summary>Reads it.</summary>
    public async Task<OldVersion> ReadAsync()
    {
        // The caller may be in the midst of a commit's effects: leave it before anything else is done.
        await Task.Yield();
        try
        {
            return await FindAsync();
        }
        catch (StoreException)
        {
            return Refused(new Refusal(RefusalCode.Unavailable) { Detail = "what its repair needs could not be read", RetryAfter = TimeSpan.FromSeconds(1) });
        }
        catch (ObjectDisposedException)
        {
            return Refused(new Refusal(RefusalCode.ShuttingDown));
        }
        catch (JournalFormatException damage)
        {
            return Refused(new Refusal(RefusalCode.Quarantined) { Detail = $"its repair can't be made: {damage.Message}" });
        }
    }

    private static OldVersion Refused(Refusal refusal) => new(null, refusal);

    private async ValueTask<OldVersion> FindAsync()
    {
        var row = await _store.ReadEntityAsync(shard.Index, mutation.Key, CancellationToken.None);
        (_version, _sequence) = (row?.Version ?? 0, row?.Sequence ?? 0);
        var isComplete = row is null || TryTakeExtras(row);
        if (Wanted > 0)
            await TakeWholeAsync(row);
        await ReadJournalAsync(!isComplete ? 0 : Wanted > 0 ? Math.Min(_sequence, _wholeAt) : _sequence);
        if (!isComplete)
        {
            // Each session and each message took a record of its own: no number of theirs is above that of the newest record.
            (_extras.Session ??= new SessionState()).Number = Math.Max(_extras.Session.Number, _sequence);
            _extras.LastMessage = Math.Max(_extras.LastMessage, _sequence);
        }

        if (_extras.Session is { } session)
            session.IsActive = false;
        _extras.IsErasureStored = false;
        return Document() with { Base = new RepairBase(entity, _version, _sequence, _extras) };
    }

    private OldVersion Document()
    {
        if (mutation.Kind != MutationKind.Restore)
            return new OldVersion(null, null);
        if (Wanted == 0)
        {
            var error = Documents.Document.TryDecode(mutation.Payload.Span, entity.Kind.Limits, out _);
            return error == DocumentError.None ? new OldVersion(mutation.Payload.ToArray(), null) : Refused(new Refusal(RefusalCode.Document) { DocumentError = error });
        }

        var wanted = Wanted == Mutation.NewestVersion ? _version : Wanted;
        return _reached == wanted && wanted >= Math.Max(1, _extras.ErasedVersion)
            ? new OldVersion(_document?.ToBytes(), null)
            : Refused(new Refusal(RefusalCode.VersionNotFound) { ExpectedVersion = wanted, CurrentVersion = _version, Detail = $"the newest version is {_version}" });
    }

    private bool TryTakeExtras(StoredEntity row)
    {
        try
        {
            _extras = EntityMetadata.Decode(row.Metadata.Span) ?? _extras;
            return true;
        }
        catch (JournalFormatException)
        {
            return false;
        }
    }

    /// <summary>Begins with the newest whole copy at or below the version that can be read.</summary>
    private async ValueTask TakeWholeAsync(StoredEntity? row)
    {
        if (row is { Version: > 0 } && row.Version <= Wanted && TryDecode(row.Document, out var stored))
        {
            (_document, _reached, _wholeAt) = (stored, row.Version, row.Sequence);
            return;
        }

        for (var at = Wanted; ;)
        {
            if (await _store.ReadSnapshotAtOrBelowAsync(shard.Index, mutation.Key, at, CancellationToken.None) is not { Version: > 0 } copy)
                return;
            if (TryDecode(copy.Document, out var document))
            {
                (_document, _reached, _wholeAt) = (document, copy.Version, copy.Sequence);
                return;
            }

            at = copy.Version - 1;
        }
    }

    private static bool TryDecode(ReadOnlyMemory<byte>? bytes, out Document? document)
    {
        document = null;
        try
        {
            document = StoredEntities.Decode(bytes);
            return true;
        }
        catch (JournalFormatException)
        {
            return false;
        }
    }

    private async ValueTask ReadJournalAsync(long from)
    {
        var rowAt = _sequence;
        long last = -1;
        await foreach (var segment in _store.ReadAsync(shard.Index, from, CancellationToken.None))
        {
            // Only what is behind the row has to be there: what is before it may have gone with the time.
            if (last < 0 ? JournalOnly.IsIn(Error) && segment.FirstSequence > rowAt + 1 : segment.FirstSequence != last + 1)
                throw new JournalFormatException("a part of the journal that it needs is gone");
            TakeAll(segment);
            last = segment.LastSequence;
        }
    }

    private void TakeAll(in JournalSegment segment)
    {
        var reader = new SegmentReader(segment);
        while (reader.TryRead(out var record))
        {
            if (record.IsOfShard || !record.Id.SequenceEqual(_id) || !record.Kind.SequenceEqual(_kind))
                continue;
            if (record.Sequence > _wholeAt && _reached < Wanted)
                TakeVersion(record);
            if (record.Sequence > _sequence)
                Take(record);
            else if (record.Type == RecordType.Erased && record.Version > _extras.ErasedVersion)
                _extras.Erase(record.Version, record.Sequence);
        }
    }

    private void TakeVersion(in RecordView record)
    {
        if (record.Type is not (RecordType.Changed or RecordType.Removed or RecordType.Erased or RecordType.Repaired)
            || (record.Type != RecordType.Repaired && record.Version != _reached + 1) || record.Version > Wanted)
            return;
        if (record.Type == RecordType.Changed)
            _replay.Apply(_document ??= new Document(), record.Payload);
        else
            _document = record.Type == RecordType.Repaired ? RepairRecord.DocumentIn(record.Payload, _replay) : null;
        _reached = record.Version;
    }

    private void Take(in RecordView record)
    {
        foreach (var processed in record.ProcessedMessages ?? [])
            _extras.Messages?.RemoveAll(message => message.Id == processed);
        var cursor = new ByteCursor(record.Payload);
        switch (record.Type)
        {
            case RecordType.SessionOpened:
                _extras.Session = EntityMetadata.ReadSession(ref cursor);
                break;
            case RecordType.MessageAdded:
                var message = EntityMetadata.ReadMessage(ref cursor);
                (_extras.Messages ??= []).Add(message);
                _extras.LastMessage = message.Id;
                break;
            case RecordType.Removed or RecordType.Erased:
                _extras.Messages = null;
                if (record.Type == RecordType.Erased)
                    _extras.Erase(record.Version, record.Sequence);
                break;
            case RecordType.Repaired:
                _extras = RepairRecord.ExtrasIn(record.Payload);
                break;
        }

        (_version, _sequence) = (record.Version, record.Sequence);
    }
}
