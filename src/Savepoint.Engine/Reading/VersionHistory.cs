using Savepoint.Documents;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Recovery;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Reading;

/// <summary>
/// Reads old versions: the nearest snapshot at or below the version, or the stored row if that is nearer, and the deltas after it, which are found by
/// walking back from the nearest snapshot at or above it, or from the present.
/// </summary>
internal sealed class VersionHistory(IStore store)
{
    private readonly JournalWalk _journal = new(store);

    /// <summary>Reads a version that is older than the present one, and completes the reading.</summary>
    public async Task ReadAsync(Shard shard, EntityKey key, SeenEntity present, EntityReading reading)
    {
        EntitySnapshot? found = null;
        var refusal = await TryAsync(key, async () => found = await FindAsync(shard, key, present, reading.Version));
        if (found is null && refusal is null or { Code: RefusalCode.VersionNotFound })
            refusal = new Refusal(RefusalCode.VersionNotFound) { Key = key, ExpectedVersion = reading.Version, CurrentVersion = present.Version, Detail = refusal?.Detail };
        reading.Completed(found ?? default, refusal);
    }

    /// <summary>Lists a page of versions, and completes the listing.</summary>
    public async Task ListAsync(Shard shard, SeenEntity present, VersionListing listing)
    {
        VersionPage? page = null;
        var refusal = await TryAsync(listing.Key, async () => page = await new VersionPageReader(store, shard.Index, listing, present).ReadAsync());
        listing.Completed(page, refusal);
    }

    private static async Task<Refusal?> TryAsync(EntityKey key, Func<Task> read)
    {
        // The caller may be in the midst of a commit's effects: leave it before anything else is done.
        await Task.Yield();
        try
        {
            await read();
            return null;
        }
        catch (StoreException)
        {
            return new Refusal(RefusalCode.Unavailable) { Key = key, Detail = "the version could not be read" };
        }
        catch (ObjectDisposedException)
        {
            return new Refusal(RefusalCode.ShuttingDown) { Key = key };
        }
        catch (JournalFormatException damage)
        {
            return new Refusal(RefusalCode.VersionNotFound) { Key = key, Detail = damage.Message };
        }
    }

    private async Task<EntitySnapshot?> FindAsync(Shard shard, EntityKey key, SeenEntity present, long version)
    {
        var none = CancellationToken.None;

        // The row first: the checkpoint that replaces it writes the copies that are needed instead in the same transaction.
        var row = await store.ReadEntityAsync(shard.Index, key, none);
        var above = await store.ReadSnapshotAtOrAboveAsync(shard.Index, key, version, none);
        if (above is not null && above.Version == version)
            return Snapshot(key, version, StoredEntities.Decode(above.Document));
        var below = Nearest(await store.ReadSnapshotAtOrBelowAsync(shard.Index, key, version, none), row, version);
        if (present.ErasedVersion > (below?.Version ?? 0))
            below = new StoredSnapshot(shard.Index, key, present.ErasedVersion, present.ErasedSequence, null, default);
        var from = above is not null && above.Version < present.Version ? above.Sequence : present.Sequence;
        var places = await _journal.BackAsync(shard.Index, from, below?.Sequence ?? 0, none);
        return places is null ? null : Replay(places, below, key, version);
    }

    private static StoredSnapshot? Nearest(StoredSnapshot? below, StoredEntity? row, long version)
    {
        if (row is not { QuarantineError: null } || row.Version > version || row.Sequence <= below?.Sequence)
            return below;
        return new StoredSnapshot(row.Shard, row.Key, row.Version, row.Sequence, row.Document, row.At);
    }

    private static EntitySnapshot? Replay(List<JournalWalk.Place> places, StoredSnapshot? below, EntityKey key, long version)
    {
        var replay = new RecordReplay();
        var document = below is null ? null : StoredEntities.Decode(below.Document);
        var reached = below?.Version ?? 0;
        foreach (var place in places)
        {
            if (reached == version)
                break;
            var record = JournalWalk.Read(place);

            // Sessions and messages make no version.
            if (record.Type is not (RecordType.Changed or RecordType.Removed or RecordType.Repaired))
                continue;

            if (record.Type == RecordType.Repaired)
            {
                (document, reached) = (RepairRecord.DocumentIn(record.Payload, replay), record.Version);
                continue;
            }

            // A person has put a row in the place of one that could not be read: what is between has no deltas.
            if (record.Version != ++reached)
                return null;
            if (record.Type == RecordType.Removed)
                document = null;
            else
                replay.Apply(document ??= new Document(), record.Payload);
        }

        return reached == version ? Snapshot(key, version, document) : null;
    }

    private static EntitySnapshot Snapshot(EntityKey key, long version, Document? document) =>
        new() { Key = key, Version = version, Document = document?.ToBytes() };
}
