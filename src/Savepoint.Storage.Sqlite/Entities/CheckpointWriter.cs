using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Sqlite.Ledger;
using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.Storage.Sqlite.Entities;

/// <summary>Writes one checkpoint inside a transaction of the writer.</summary>
internal static class CheckpointWriter
{
    private const string UpsertEntity = """
        insert into entities (shard, kind, id, version, sequence, document, metadata, at, quarantine)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        on conflict (shard, kind, id) do update set
            version = excluded.version, sequence = excluded.sequence, document = excluded.document,
            metadata = excluded.metadata, at = excluded.at, quarantine = excluded.quarantine
        where excluded.sequence > entities.sequence
        """;

    // A version's document never changes: only how long it is kept.
    private const string InsertSnapshot = """
        insert into snapshots (shard, kind, id, version, sequence, document, at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        on conflict (shard, kind, id, version) do update set
            sequence = max(snapshots.sequence, excluded.sequence), at = max(snapshots.at, excluded.at)
        """;

    private const string EraseSnapshots = "delete from snapshots where shard = ?1 and kind = ?2 and id = ?3 and version < ?4";

    private const string EraseDeadLetters = "delete from dead_letters where shard = ?1 and kind = ?2 and entity = ?3";

    private const string UpdateShard = """
        update shards set checkpoint_seq = ?3, published_seq = ?4, metadata = ?5
        where shard = ?1 and epoch = ?2 and checkpoint_seq <= ?3 and published_seq <= ?4
        """;

    private const string SelectEpoch = "select epoch from shards where shard = ?1";

    // In the order of the table's key, which writes each page once: a fifth faster than in any order.
    private static readonly Comparer<StoredEntity> ByKey = Comparer<StoredEntity>.Create((left, right) =>
    {
        var order = left.Shard.CompareTo(right.Shard);
        if (order == 0) order = string.CompareOrdinal(left.Key.Kind, right.Key.Kind);
        return order != 0 ? order : string.CompareOrdinal(left.Key.Id, right.Key.Id);
    });

    /// <returns>The shards whose epoch is another one.</returns>
    /// <exception cref="StoreException">A single entity is at fault.</exception>
    public static IReadOnlyList<int> Write(Connection connection, CheckpointBatch batch)
    {
        WriteEntities(connection, batch.Entities);
        WriteSnapshots(connection, batch.Snapshots);
        Erase(connection, batch.Erasures);
        return WriteShards(connection, batch.Shards);
    }

    private static void WriteEntities(Connection connection, IReadOnlyList<StoredEntity> entities)
    {
        var sorted = entities.ToArray();
        Array.Sort(sorted, ByKey);
        using var upsert = connection.Use(UpsertEntity);
        foreach (var entity in sorted)
        {
            try
            {
                upsert.Bind(1, entity.Shard);
                upsert.Bind(2, entity.Key.Kind);
                upsert.Bind(3, entity.Key.Id);
                upsert.Bind(4, entity.Version);
                upsert.Bind(5, entity.Sequence);
                upsert.Bind(6, entity.Document);
                upsert.Bind(7, entity.Metadata.Span);
                upsert.Bind(8, entity.At);
                upsert.Bind(9, entity.QuarantineError);
                upsert.Run();
            }
            catch (SqliteException exception) when (exception.BlamesRow)
            {
                throw Blame(entity.Key, exception);
            }
        }
    }

    private static void WriteSnapshots(Connection connection, IReadOnlyList<StoredSnapshot> snapshots)
    {
        using var insert = connection.Use(InsertSnapshot);
        foreach (var snapshot in snapshots)
        {
            try
            {
                insert.Bind(1, snapshot.Shard);
                insert.Bind(2, snapshot.Key.Kind);
                insert.Bind(3, snapshot.Key.Id);
                insert.Bind(4, snapshot.Version);
                insert.Bind(5, snapshot.Sequence);
                insert.Bind(6, snapshot.Document);
                insert.Bind(7, snapshot.At);
                insert.Run();
            }
            catch (SqliteException exception) when (exception.BlamesRow)
            {
                throw Blame(snapshot.Key, exception);
            }
        }
    }

    private static void Erase(Connection connection, IReadOnlyList<StoredErasure> erasures)
    {
        foreach (var erasure in erasures)
        {
            using var snapshots = connection.Use(EraseSnapshots);
            snapshots.Bind(1, erasure.Shard);
            snapshots.Bind(2, erasure.Key.Kind);
            snapshots.Bind(3, erasure.Key.Id);
            snapshots.Bind(4, erasure.Version);
            snapshots.Run();
            using var letters = connection.Use(EraseDeadLetters);
            letters.Bind(1, erasure.Shard);
            letters.Bind(2, erasure.Key.Kind);
            letters.Bind(3, erasure.Key.Id);
            letters.Run();
        }
    }

    private static List<int> WriteShards(Connection connection, IReadOnlyList<ShardState> states)
    {
        List<int> claimedByOthers = [];
        using var update = connection.Use(UpdateShard);
        foreach (var state in states)
        {
            update.Bind(1, state.Shard);
            update.Bind(2, state.Epoch);
            update.Bind(3, state.CheckpointSequence);
            update.Bind(4, state.PublishedSequence);
            update.Bind(5, state.Metadata.Span);
            update.Run();
            if (connection.Changes > 0) SqliteLedger.Write(connection, state.Shard, state.Ledger);
            else if (ReadEpoch(connection, state.Shard) != state.Epoch) claimedByOthers.Add(state.Shard);
        }

        return claimedByOthers;
    }

    private static long ReadEpoch(Connection connection, int shard)
    {
        using var select = connection.Use(SelectEpoch);
        select.Bind(1, shard);
        return select.Step() ? select.Long(0) : throw new ArgumentOutOfRangeException(nameof(shard), shard, "The database has no such shard.");
    }

    private static StoreException Blame(EntityKey key, SqliteException exception) =>
        new($"The database refuses {key}. {exception.Message}", WriteOutcome.NotApplied, isTransient: false, exception) { Key = key };
}
