using Npgsql;
using NpgsqlTypes;
using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.Entities;

/// <summary>The tables <c>entities</c>, <c>snapshots</c> and <c>shards</c>.</summary>
internal sealed class PostgresEntities(ConnectionPool pool, CheckpointWriter checkpoints) : IEntityStore
{
    // One transaction of a trim.
    private const int MaxTrimSnapshots = 1_000;

    private const string EntityColumns = "shard, kind, id, version, sequence, document, metadata, at, quarantine";
    private const string SnapshotColumns = "version, sequence, document, at";

    private const string SelectEntity = $"select {EntityColumns} from entities where shard = $1 and kind = $2 and id = $3";

    // With a limit of one, so that each is looked up by the whole key: as a plain join, planned while the table was empty, it read all of the shard.
    private const string SelectEntities = $"""
        select {EntityColumns} from unnest($2, $3) as wanted (wanted_kind, wanted_id)
        cross join lateral (
            select {EntityColumns} from entities where shard = $1 and kind = wanted_kind and id = wanted_id limit 1) found
        """;

    // The key's own index has them in order, and whether a document is null is told without reading it.
    private const string ListEntities = """
        select id, version, sequence, document is not null, quarantine, case when $5 > 0 then document end from entities
        where shard = $1 and kind = $2 and id > $3 order by id limit $4
        """;

    private const string SelectQuarantined = $"""
        select {EntityColumns} from entities
        where quarantine is not null and (shard, kind, id) > ($1, $2, $3)
        order by shard, kind, id limit $4
        """;

    private const string SelectAtOrBelow = $"""
        select {SnapshotColumns} from snapshots where shard = $1 and kind = $2 and id = $3 and version <= $4
        order by version desc limit 1
        """;

    private const string SelectAtOrAbove = $"""
        select {SnapshotColumns} from snapshots where shard = $1 and kind = $2 and id = $3 and version >= $4
        order by version limit 1
        """;

    private const string DeleteSnapshots = """
        delete from snapshots where (shard, kind, id, version) in (
            select shard, kind, id, version from snapshots where at < $1 order by at limit $2)
        """;

    private const string FlagEntity = """
        insert into entities (shard, kind, id, version, sequence, document, metadata, at, quarantine)
        values ($1, $2, $3, 0, 0, null, '', $4, $5)
        on conflict (shard, kind, id) do update set quarantine = excluded.quarantine
        """;

    private const string SelectShard = "select epoch, checkpoint_seq, published_seq, metadata from shards where shard = $1";

    private const string RaiseEpoch = "update shards set epoch = $3 where shard = $1 and epoch = $2";

    public ValueTask<StoredEntity?> ReadEntityAsync(int shard, EntityKey key, CancellationToken cancellationToken) =>
        pool.RepeatAsync(
            async (connection, token) =>
            {
                await using var select = new NpgsqlCommand(SelectEntity, connection);
                select.Parameters.With(shard).With(key.Kind).With(key.Id);
                await using var rows = await select.ExecuteReaderAsync(token);
                return await rows.ReadAsync(token) ? Entity(rows) : null;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<StoredEntity>> ReadEntitiesAsync(int shard, IReadOnlyList<EntityKey> keys, CancellationToken cancellationToken) =>
        pool.RepeatAsync<IReadOnlyList<StoredEntity>>(
            async (connection, token) =>
            {
                await using var select = new NpgsqlCommand(SelectEntities, connection);
                select.Parameters.With(shard)
                    .With(keys, static key => key.Kind, NpgsqlDbType.Text)
                    .With(keys, static key => key.Id, NpgsqlDbType.Text);
                return await ReadAsync(select, token);
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<ListedEntity>> ListEntitiesAsync(EntityRange range, CancellationToken cancellationToken) =>
        pool.RepeatAsync<IReadOnlyList<ListedEntity>>(
            async (connection, token) =>
            {
                List<ListedEntity> listed = [];
                long bytes = 0;
                await using var select = new NpgsqlCommand(ListEntities, connection);
                select.Parameters.With(range.Shard).With(range.Kind).With(range.AfterId).With(range.Limit).With(range.DocumentBytes > 0 ? 1 : 0);
                await using var rows = await select.ExecuteReaderAsync(token);
                while ((range.DocumentBytes == 0 || bytes < range.DocumentBytes) && await rows.ReadAsync(token))
                {
                    var row = new ListedEntity(
                        new EntityKey(range.Kind, rows.GetString(0)), rows.GetInt64(1), rows.GetInt64(2), rows.GetBoolean(3), rows.TextOrNull(4))
                    {
                        Document = rows.BytesOrNull(5),
                    };
                    listed.Add(row);
                    bytes += row.Document?.Length ?? 0;
                }

                return listed;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<int>> WriteCheckpointAsync(CheckpointBatch batch, CancellationToken cancellationToken) =>
        checkpoints.WriteAsync(batch, cancellationToken);

    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrBelowAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        ReadSnapshotAsync(SelectAtOrBelow, shard, key, version, cancellationToken);

    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrAboveAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        ReadSnapshotAsync(SelectAtOrAbove, shard, key, version, cancellationToken);

    public async ValueTask<int> TrimSnapshotsAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        int total = 0, removed;
        do
        {
            removed = await pool.WriteAsync(
                async (connection, token) =>
                {
                    await using var delete = new NpgsqlCommand(DeleteSnapshots, connection);
                    delete.Parameters.With(olderThan).With(MaxTrimSnapshots);
                    return await delete.ExecuteNonQueryAsync(token);
                },
                cancellationToken);
            total += removed;
        }
        while (removed == MaxTrimSnapshots);
        return total;
    }

    // Nobody tries this again, and a second time it changes nothing.
    public async ValueTask QuarantineAsync(int shard, EntityKey key, string error, DateTimeOffset at, CancellationToken cancellationToken) =>
        await pool.RepeatAsync(
            async (connection, token) =>
            {
                await using var flag = new NpgsqlCommand(FlagEntity, connection);
                flag.Parameters.With(shard).With(key.Kind).With(key.Id).With(at).WithUnchecked(error);
                return await flag.ExecuteNonQueryAsync(token);
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<StoredEntity>> ListQuarantinedAsync(StoredEntity? after, int limit, CancellationToken cancellationToken) =>
        pool.RepeatAsync<IReadOnlyList<StoredEntity>>(
            async (connection, token) =>
            {
                await using var select = new NpgsqlCommand(SelectQuarantined, connection);
                select.Parameters.With(after?.Shard ?? -1).With(after?.Key.Kind ?? "").With(after?.Key.Id ?? "").With(limit);
                return await ReadAsync(select, token);
            },
            cancellationToken);

    public ValueTask<ShardState> ReadShardAsync(int shard, CancellationToken cancellationToken) =>
        pool.RepeatAsync(
            async (connection, token) =>
            {
                await using var select = new NpgsqlCommand(SelectShard, connection);
                select.Parameters.With(shard);
                await using var rows = await select.ExecuteReaderAsync(token);
                return await rows.ReadAsync(token)
                    ? new ShardState(shard, rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.Bytes(3))
                    : throw new ArgumentOutOfRangeException(nameof(shard), shard, "The database has no such shard.");
            },
            cancellationToken);

    public async ValueTask<bool> ClaimShardAsync(int shard, long expectedEpoch, long newEpoch, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(newEpoch, expectedEpoch);
        return await pool.WriteAsync(
            async (connection, token) =>
            {
                await using var update = new NpgsqlCommand(RaiseEpoch, connection);
                update.Parameters.With(shard).With(expectedEpoch).With(newEpoch);
                return await update.ExecuteNonQueryAsync(token);
            },
            cancellationToken) == 1;
    }

    private ValueTask<StoredSnapshot?> ReadSnapshotAsync(string sql, int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        pool.RepeatAsync(
            async (connection, token) =>
            {
                await using var select = new NpgsqlCommand(sql, connection);
                select.Parameters.With(shard).With(key.Kind).With(key.Id).With(version);
                await using var rows = await select.ExecuteReaderAsync(token);
                return await rows.ReadAsync(token)
                    ? new StoredSnapshot(shard, key, rows.GetInt64(0), rows.GetInt64(1), rows.BytesOrNull(2), rows.Time(3))
                    : null;
            },
            cancellationToken);

    private static async ValueTask<IReadOnlyList<StoredEntity>> ReadAsync(NpgsqlCommand select, CancellationToken cancellationToken)
    {
        List<StoredEntity> entities = [];
        await using var rows = await select.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            entities.Add(Entity(rows));
        return entities;
    }

    private static StoredEntity Entity(NpgsqlDataReader row) => new(
        row.GetInt32(0), new EntityKey(row.GetString(1), row.GetString(2)), row.GetInt64(3), row.GetInt64(4), row.BytesOrNull(5), row.Bytes(6), row.Time(7),
        row.TextOrNull(8));
}
