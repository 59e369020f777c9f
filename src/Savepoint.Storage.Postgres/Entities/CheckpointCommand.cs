using Npgsql;
using NpgsqlTypes;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;
using Savepoint.Storage.Postgres.Ledger;

namespace Savepoint.Storage.Postgres.Entities;

/// <summary>The statements of a checkpoint. They go out together and are one transaction; what has no rows is left out.</summary>
internal static class CheckpointCommand
{
    private const string UpsertEntities = """
        insert into entities (shard, kind, id, version, sequence, document, metadata, at, quarantine, json)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (shard, kind, id) do update set
            version = excluded.version, sequence = excluded.sequence, document = excluded.document, metadata = excluded.metadata,
            at = excluded.at, quarantine = excluded.quarantine, json = excluded.json
        where entities.sequence < excluded.sequence
        """;

    private const string InsertSnapshots = """
        insert into snapshots (shard, kind, id, version, sequence, document, at)
        select * from unnest($1, $2, $3, $4, $5, $6, $7)
        on conflict (shard, kind, id, version) do update set
            sequence = greatest(snapshots.sequence, excluded.sequence), at = greatest(snapshots.at, excluded.at)
        """;

    private const string EraseSnapshots = """
        delete from snapshots using unnest($1, $2, $3, $4) as erased (shard, kind, id, version)
        where snapshots.shard = erased.shard and snapshots.kind = erased.kind and snapshots.id = erased.id and snapshots.version < erased.version
        """;

    private const string EraseDeadLetters = """
        delete from dead_letters using unnest($1, $2, $3, $4) as erased (shard, kind, id, version)
        where dead_letters.shard = erased.shard and dead_letters.kind = erased.kind and dead_letters.entity = erased.id
        """;

    private const string UpdateShards = """
        update shards set checkpoint_seq = new.checkpoint_seq, published_seq = new.published_seq, metadata = new.metadata
        from unnest($1, $2, $3, $4, $5) as new (shard, epoch, checkpoint_seq, published_seq, metadata)
        where shards.shard = new.shard and shards.epoch = new.epoch
          and shards.checkpoint_seq <= new.checkpoint_seq and shards.published_seq <= new.published_seq
        returning shards.shard
        """;

    // A statement of its own: it sees the claim that the update may have waited for.
    private const string SelectEpochs = "select shard, epoch from shards where shard = any ($1)";

    /// <returns>The shards whose state was not written because their epoch is another one.</returns>
    public static async ValueTask<IReadOnlyList<int>> RunAsync(
        NpgsqlConnection connection, CheckpointRows rows, IReadOnlyList<ShardState> states, CancellationToken cancellationToken)
    {
        await using var batch = Make(connection, rows, states);
        if (batch.BatchCommands.Count == 0)
            return [];
        await using var results = await batch.ExecuteReaderAsync(cancellationToken);
        var claimedByOthers = states.Count == 0 ? [] : await ReadClaimedByOthersAsync(results, states, cancellationToken);

        // To the end of the exchange: only there is it committed.
        while (await results.NextResultAsync(cancellationToken))
        {
        }

        return claimedByOthers;
    }

    /// <summary>Writes rows and takes them back, to see whether the database takes them.</summary>
    public static async ValueTask TryAsync(NpgsqlConnection connection, CheckpointRows rows, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = Make(connection, rows, []);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.RollbackAsync(cancellationToken);
    }

    private static NpgsqlBatch Make(NpgsqlConnection connection, CheckpointRows rows, IReadOnlyList<ShardState> states)
    {
        var batch = new NpgsqlBatch(connection);
        if (rows.Entities.Count > 0)
            batch.BatchCommands.Add(Upsert(rows));
        if (rows.Snapshots.Count > 0)
            batch.BatchCommands.Add(Insert(rows.Snapshots));
        if (rows.Erasures.Count > 0)
        {
            batch.BatchCommands.Add(Erase(EraseSnapshots, rows.Erasures));
            batch.BatchCommands.Add(Erase(EraseDeadLetters, rows.Erasures));
        }

        if (states.Count > 0)
        {
            batch.BatchCommands.Add(Update(states));
            var select = new NpgsqlBatchCommand(SelectEpochs);
            select.Parameters.With(states, static state => state.Shard, NpgsqlDbType.Integer);
            batch.BatchCommands.Add(select);
            if (PostgresLedger.Write(states) is { } ledger)
                batch.BatchCommands.Add(ledger);
        }

        return batch;
    }

    private static NpgsqlBatchCommand Upsert(CheckpointRows rows)
    {
        var command = new NpgsqlBatchCommand(UpsertEntities);
        command.Parameters
            .With(rows.Entities, static entity => entity.Shard, NpgsqlDbType.Integer)
            .With(rows.Entities, static entity => entity.Key.Kind, NpgsqlDbType.Text)
            .With(rows.Entities, static entity => entity.Key.Id, NpgsqlDbType.Text)
            .With(rows.Entities, static entity => entity.Version, NpgsqlDbType.Bigint)
            .With(rows.Entities, static entity => entity.Sequence, NpgsqlDbType.Bigint)
            .With(rows.Entities, static entity => entity.Document, NpgsqlDbType.Bytea)
            .With(rows.Entities, static entity => entity.Metadata, NpgsqlDbType.Bytea)
            .With(rows.Entities, static entity => entity.At.ToUniversalTime(), NpgsqlDbType.TimestampTz)
            .With(rows.Entities, static entity => entity.QuarantineError, NpgsqlDbType.Text)
            .With(rows.Json, static json => json, NpgsqlDbType.Jsonb);
        return command;
    }

    private static NpgsqlBatchCommand Insert(IReadOnlyList<StoredSnapshot> snapshots)
    {
        var command = new NpgsqlBatchCommand(InsertSnapshots);
        command.Parameters
            .With(snapshots, static snapshot => snapshot.Shard, NpgsqlDbType.Integer)
            .With(snapshots, static snapshot => snapshot.Key.Kind, NpgsqlDbType.Text)
            .With(snapshots, static snapshot => snapshot.Key.Id, NpgsqlDbType.Text)
            .With(snapshots, static snapshot => snapshot.Version, NpgsqlDbType.Bigint)
            .With(snapshots, static snapshot => snapshot.Sequence, NpgsqlDbType.Bigint)
            .With(snapshots, static snapshot => snapshot.Document, NpgsqlDbType.Bytea)
            .With(snapshots, static snapshot => snapshot.At.ToUniversalTime(), NpgsqlDbType.TimestampTz);
        return command;
    }

    private static NpgsqlBatchCommand Erase(string statement, IReadOnlyList<StoredErasure> erasures)
    {
        var command = new NpgsqlBatchCommand(statement);
        command.Parameters
            .With(erasures, static erasure => erasure.Shard, NpgsqlDbType.Integer)
            .With(erasures, static erasure => erasure.Key.Kind, NpgsqlDbType.Text)
            .With(erasures, static erasure => erasure.Key.Id, NpgsqlDbType.Text)
            .With(erasures, static erasure => erasure.Version, NpgsqlDbType.Bigint);
        return command;
    }

    private static NpgsqlBatchCommand Update(IReadOnlyList<ShardState> states)
    {
        var command = new NpgsqlBatchCommand(UpdateShards);
        command.Parameters
            .With(states, static state => state.Shard, NpgsqlDbType.Integer)
            .With(states, static state => state.Epoch, NpgsqlDbType.Bigint)
            .With(states, static state => state.CheckpointSequence, NpgsqlDbType.Bigint)
            .With(states, static state => state.PublishedSequence, NpgsqlDbType.Bigint)
            .With(states, static state => state.Metadata, NpgsqlDbType.Bytea);
        return command;
    }

    /// <summary>Statements without rows of their own have no result: the first one is the update's.</summary>
    private static async ValueTask<IReadOnlyList<int>> ReadClaimedByOthersAsync(
        NpgsqlDataReader results, IReadOnlyList<ShardState> states, CancellationToken cancellationToken)
    {
        HashSet<int> written = [];
        while (await results.ReadAsync(cancellationToken))
            written.Add(results.GetInt32(0));
        await results.NextResultAsync(cancellationToken);
        Dictionary<int, long> epochs = [];
        while (await results.ReadAsync(cancellationToken))
            epochs[results.GetInt32(0)] = results.GetInt64(1);
        return [.. states.Where(state => !written.Contains(state.Shard) && epochs[state.Shard] != state.Epoch).Select(state => state.Shard)];
    }
}
