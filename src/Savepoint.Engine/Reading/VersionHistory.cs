using Savepoint.Documents;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Recovery;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Reading;

/// <summary>Where in the journal a version of an entity is.</summary>
internal readonly record struct HistoryPosition(long Version, long Sequence);

/// <summary>
/// Reads old versions: the nearest snapshot at or below the version, and the deltas after it, which are found by walking back from the nearest
/// snapshot at or above it, or from the present.
/// </summary>
internal sealed class VersionHistory(EngineContext context)
{
    private readonly JournalWalk _journal = new(context.Store);

    /// <summary>Reads a version that is older than the present one, and completes the reading.</summary>
    public async Task ReadAsync(Shard shard, EntityKey key, HistoryPosition present, EntityReading reading)
    {
        // The caller may hold the shard's lock: leave it before anything else is done.
        await Task.Yield();
        EntitySnapshot snapshot = default;
        Refusal? refusal = null;
        try
        {
            var found = await FindAsync(shard, key, present, reading.Version);
            if (found is { } at)
                snapshot = at;
            else
                refusal = new Refusal(RefusalCode.VersionNotFound) { Key = key, ExpectedVersion = reading.Version, CurrentVersion = present.Version };
        }
        catch (StoreException)
        {
            refusal = new Refusal(RefusalCode.Unavailable) { Key = key, Detail = "the version could not be read" };
        }
        catch (ObjectDisposedException)
        {
            refusal = new Refusal(RefusalCode.ShuttingDown) { Key = key };
        }
        catch (JournalFormatException damage)
        {
            refusal = new Refusal(RefusalCode.VersionNotFound) { Key = key, ExpectedVersion = reading.Version, Detail = damage.Message };
        }

        reading.Completed(snapshot, refusal);
    }

    private async Task<EntitySnapshot?> FindAsync(Shard shard, EntityKey key, HistoryPosition present, long version)
    {
        var none = CancellationToken.None;
        var above = await context.Store.ReadSnapshotAtOrAboveAsync(shard.Index, key, version, none);
        if (above is not null && above.Version == version)
            return Snapshot(key, version, StoredEntities.Decode(above.Document));
        var below = await context.Store.ReadSnapshotAtOrBelowAsync(shard.Index, key, version, none);
        var from = above is not null && above.Version < present.Version ? above.Sequence : present.Sequence;
        var places = await _journal.BackAsync(shard.Index, from, below?.Sequence ?? 0, none);
        if (places is null)
            return null;

        var document = below is null ? null : StoredEntities.Decode(below.Document);
        return Replay(places, document, key, version);
    }

    private static EntitySnapshot? Replay(List<JournalWalk.Place> places, Document? document, EntityKey key, long version)
    {
        var replay = new RecordReplay();
        var reached = -1L;
        foreach (var place in places)
        {
            var record = JournalWalk.Read(place);
            if (record.Version > version)
                break;
            reached = record.Version;
            if (record.Type == RecordType.Removed)
                document = null;
            else if (record.Type == RecordType.Changed)
                replay.Apply(document ??= new Document(), record.Payload);
        }

        return reached == version ? Snapshot(key, version, document) : null;
    }

    private static EntitySnapshot Snapshot(EntityKey key, long version, Document? document) =>
        new() { Key = key, Version = version, Document = document?.ToBytes() };
}
