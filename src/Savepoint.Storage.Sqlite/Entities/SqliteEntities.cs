using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Sqlite.Native;
using Savepoint.Storage.Sqlite.Reading;
using Savepoint.Storage.Sqlite.Writing;

namespace Savepoint.Storage.Sqlite.Entities;

/// <summary>The tables <c>entities</c>, <c>snapshots</c> and <c>shards</c>.</summary>
internal sealed class SqliteEntities(Writer writer, ReaderPool readers) : IEntityStore
{
    // One transaction of a trim: what commits have to wait for.
    private const int MaxTrimSnapshots = 256;

    private const string EntityColumns = "shard, kind, id, version, sequence, document, metadata, at, quarantine";
    private const string SnapshotColumns = "version, sequence, document, at";

    private const string SelectEntity = $"select {EntityColumns} from entities where shard = ?1 and kind = ?2 and id = ?3";

    // The key's own index has them in order, an empty text is bound as null, and whether a document is null is told without reading it.
    private const string ListEntities = """
        select id, version, sequence, document is not null, quarantine, case when ?5 then document end from entities
        where shard = ?1 and kind = ?2 and id > coalesce(?3, '') order by id limit ?4
        """;

    private const string SelectQuarantined = $"""
        select {EntityColumns} from entities
        where quarantine is not null and (shard, kind, id) > (?1, ?2, ?3)
        order by shard, kind, id limit ?4
        """;

    private const string SelectAtOrBelow = $"""
        select {SnapshotColumns} from snapshots where shard = ?1 and kind = ?2 and id = ?3 and version <= ?4
        order by version desc limit 1
        """;

    private const string SelectAtOrAbove = $"""
        select {SnapshotColumns} from snapshots where shard = ?1 and kind = ?2 and id = ?3 and version >= ?4
        order by version limit 1
        """;

    private const string DeleteSnapshots = "delete from snapshots where rowid in (select rowid from snapshots where at < ?1 order by at limit ?2)";

    private const string FlagEntity = """
        insert into entities (shard, kind, id, version, sequence, document, metadata, at, quarantine)
        values (?1, ?2, ?3, 0, 0, null, x'', ?4, ?5)
        on conflict (shard, kind, id) do update set quarantine = excluded.quarantine
        """;

    private const string SelectShard = "select epoch, checkpoint_seq, published_seq, metadata from shards where shard = ?1";

    private const string RaiseEpoch = "update shards set epoch = ?3 where shard = ?1 and epoch = ?2";

    public ValueTask<StoredEntity?> ReadEntityAsync(int shard, EntityKey key, CancellationToken cancellationToken) =>
        readers.RunAsync(connection => Read(connection, shard, key), cancellationToken);

    public ValueTask<IReadOnlyList<StoredEntity>> ReadEntitiesAsync(int shard, IReadOnlyList<EntityKey> keys, CancellationToken cancellationToken) =>
        readers.RunAsync<IReadOnlyList<StoredEntity>>(
            connection =>
            {
                // One transaction: one look at the log for all of them.
                connection.Run("begin");
                List<StoredEntity> entities = [.. keys.Select(key => Read(connection, shard, key)).OfType<StoredEntity>()];
                connection.Run("commit");
                return entities;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<ListedEntity>> ListEntitiesAsync(EntityRange range, CancellationToken cancellationToken) =>
        readers.RunAsync<IReadOnlyList<ListedEntity>>(
            connection =>
            {
                List<ListedEntity> listed = [];
                long bytes = 0;
                using var select = connection.Use(ListEntities);
                select.Bind(1, range.Shard);
                select.Bind(2, range.Kind);
                select.Bind(3, range.AfterId);
                select.Bind(4, range.Limit);
                select.Bind(5, range.DocumentBytes > 0 ? 1 : 0);
                while ((range.DocumentBytes == 0 || bytes < range.DocumentBytes) && select.Step())
                {
                    var row = new ListedEntity(new EntityKey(range.Kind, select.Text(0)), select.Long(1), select.Long(2), select.Int(3) == 1, select.TextOrNull(4))
                    {
                        Document = select.BytesOrNull(5),
                    };
                    listed.Add(row);
                    bytes += row.Document?.Length ?? 0;
                }

                return listed;
            },
            cancellationToken);

    public async ValueTask<IReadOnlyList<int>> WriteCheckpointAsync(CheckpointBatch batch, CancellationToken cancellationToken) =>
        await writer.RunAsync(connection => CheckpointWriter.Write(connection, batch), cancellationToken);

    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrBelowAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        ReadSnapshotAsync(SelectAtOrBelow, shard, key, version, cancellationToken);

    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrAboveAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        ReadSnapshotAsync(SelectAtOrAbove, shard, key, version, cancellationToken);

    public async ValueTask<int> TrimSnapshotsAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        int total = 0, removed;
        do
        {
            removed = await writer.RunAsync(
                connection =>
                {
                    using var delete = connection.Use(DeleteSnapshots);
                    delete.Bind(1, olderThan);
                    delete.Bind(2, MaxTrimSnapshots);
                    delete.Run();
                    return connection.Changes;
                },
                cancellationToken);
            total += removed;
        }
        while (removed == MaxTrimSnapshots);
        return total;
    }

    public async ValueTask QuarantineAsync(int shard, EntityKey key, string error, DateTimeOffset at, CancellationToken cancellationToken) =>
        await writer.RunAsync(
            connection =>
            {
                using var flag = connection.Use(FlagEntity);
                flag.Bind(1, shard);
                flag.Bind(2, key.Kind);
                flag.Bind(3, key.Id);
                flag.Bind(4, at);
                flag.Bind(5, error);
                flag.Run();
                return true;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<StoredEntity>> ListQuarantinedAsync(StoredEntity? after, int limit, CancellationToken cancellationToken) =>
        readers.RunAsync<IReadOnlyList<StoredEntity>>(
            connection =>
            {
                List<StoredEntity> entities = [];
                using var select = connection.Use(SelectQuarantined);
                select.Bind(1, after?.Shard ?? -1);
                select.Bind(2, after?.Key.Kind ?? "");
                select.Bind(3, after?.Key.Id ?? "");
                select.Bind(4, limit);
                while (select.Step()) entities.Add(Entity(select));
                return entities;
            },
            cancellationToken);

    public ValueTask<ShardState> ReadShardAsync(int shard, CancellationToken cancellationToken) =>
        readers.RunAsync(
            connection =>
            {
                using var select = connection.Use(SelectShard);
                select.Bind(1, shard);
                return select.Step()
                    ? new ShardState(shard, select.Long(0), select.Long(1), select.Long(2), select.Bytes(3))
                    : throw new ArgumentOutOfRangeException(nameof(shard), shard, "The database has no such shard.");
            },
            cancellationToken);

    public async ValueTask<bool> ClaimShardAsync(int shard, long expectedEpoch, long newEpoch, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(newEpoch, expectedEpoch);
        return await writer.RunAsync(
            connection =>
            {
                using var update = connection.Use(RaiseEpoch);
                update.Bind(1, shard);
                update.Bind(2, expectedEpoch);
                update.Bind(3, newEpoch);
                update.Run();
                return connection.Changes == 1;
            },
            cancellationToken);
    }

    private static StoredEntity? Read(Connection connection, int shard, EntityKey key)
    {
        using var select = connection.Use(SelectEntity);
        select.Bind(1, shard);
        select.Bind(2, key.Kind);
        select.Bind(3, key.Id);
        return select.Step() ? Entity(select) : null;
    }

    private static StoredEntity Entity(Statement row) =>
        new(row.Int(0), new EntityKey(row.Text(1), row.Text(2)), row.Long(3), row.Long(4), row.BytesOrNull(5), row.Bytes(6), row.Time(7), row.TextOrNull(8));

    private ValueTask<StoredSnapshot?> ReadSnapshotAsync(string sql, int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        readers.RunAsync(
            connection =>
            {
                using var select = connection.Use(sql);
                select.Bind(1, shard);
                select.Bind(2, key.Kind);
                select.Bind(3, key.Id);
                select.Bind(4, version);
                return select.Step() ? new StoredSnapshot(shard, key, select.Long(0), select.Long(1), select.BytesOrNull(2), select.Time(3)) : null;
            },
            cancellationToken);
}
