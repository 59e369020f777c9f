using Npgsql;
using NpgsqlTypes;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.Ledger;

/// <summary>The table <c>ledger</c>.</summary>
internal sealed class PostgresLedger(ConnectionPool pool) : ILedgerStore
{
    private const string Columns = "day, kind, path, reason, sources, source_count, sinks, sink_count, real_sources, real_sinks";

    // Behind the update of the shards, in its transaction: the state that the rows belong to is there, or nothing of it is written.
    private const string Upsert = $"""
        insert into ledger (shard, {Columns})
        select new.shard, new.day, new.kind, new.path, new.reason, new.sources, new.source_count, new.sinks, new.sink_count, new.real_sources, new.real_sinks
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            as new (shard, epoch, checkpoint_seq, {Columns})
        join shards on shards.shard = new.shard and shards.epoch = new.epoch and shards.checkpoint_seq = new.checkpoint_seq
        order by new.shard, new.day, new.kind, new.path, new.reason
        on conflict (shard, day, kind, path, reason) do update set
            sources = excluded.sources, source_count = excluded.source_count, sinks = excluded.sinks, sink_count = excluded.sink_count,
            real_sources = excluded.real_sources, real_sinks = excluded.real_sinks
        """;

    private const string SelectOfShard = $"select {Columns} from ledger where shard = $1 and day >= $2";

    private const string SelectSums = """
        select day, kind, path, reason, least(sum(sources), 9223372036854775807)::bigint, sum(source_count)::bigint,
               least(sum(sinks), 9223372036854775807)::bigint, sum(sink_count)::bigint, sum(real_sources), sum(real_sinks)
        from ledger
        where day between $1 and $2 and ($3::text is null or kind = $3) and ($4::text is null or path = $4) and ($5::text is null or reason = $5)
          and (day, kind, path, reason) > ($6, $7, $8, $9)
        group by day, kind, path, reason order by day, kind, path, reason limit $10
        """;

    private const string Delete = "delete from ledger where day < $1";

    /// <summary>Writes the rows that come with the states of shards; null when there are none.</summary>
    public static NpgsqlBatchCommand? Write(IReadOnlyList<ShardState> states)
    {
        List<(ShardState State, LedgerRow Row)> rows = [.. states.SelectMany(state => state.Ledger.Select(row => (state, row)))];
        if (rows.Count == 0)
            return null;
        var command = new NpgsqlBatchCommand(Upsert);
        command.Parameters
            .With(rows, static one => one.State.Shard, NpgsqlDbType.Integer)
            .With(rows, static one => one.State.Epoch, NpgsqlDbType.Bigint)
            .With(rows, static one => one.State.CheckpointSequence, NpgsqlDbType.Bigint)
            .With(rows, static one => one.Row.Day, NpgsqlDbType.Date)
            .With(rows, static one => one.Row.Kind, NpgsqlDbType.Text)
            .With(rows, static one => one.Row.Path, NpgsqlDbType.Text)
            .With(rows, static one => one.Row.Reason, NpgsqlDbType.Text)
            .With(rows, static one => one.Row.Sources, NpgsqlDbType.Bigint)
            .With(rows, static one => one.Row.SourceCount, NpgsqlDbType.Bigint)
            .With(rows, static one => one.Row.Sinks, NpgsqlDbType.Bigint)
            .With(rows, static one => one.Row.SinkCount, NpgsqlDbType.Bigint)
            .With(rows, static one => one.Row.RealSources, NpgsqlDbType.Double)
            .With(rows, static one => one.Row.RealSinks, NpgsqlDbType.Double);
        return command;
    }

    public ValueTask<IReadOnlyList<LedgerRow>> ReadLedgerAsync(int shard, DateOnly from, CancellationToken cancellationToken) =>
        pool.RepeatAsync<IReadOnlyList<LedgerRow>>(
            async (connection, token) =>
            {
                await using var select = new NpgsqlCommand(SelectOfShard, connection);
                select.Parameters.With(shard).With(from, NpgsqlDbType.Date);
                return await ReadAsync(select, token);
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<LedgerRow>> QueryLedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        pool.RepeatAsync<IReadOnlyList<LedgerRow>>(
            async (connection, token) =>
            {
                await using var select = new NpgsqlCommand(SelectSums, connection);
                select.Parameters.With(query.From, NpgsqlDbType.Date).With(query.To, NpgsqlDbType.Date)
                    .With((object?)query.Kind ?? DBNull.Value, NpgsqlDbType.Text)
                    .With((object?)query.Path ?? DBNull.Value, NpgsqlDbType.Text)
                    .With((object?)query.Reason ?? DBNull.Value, NpgsqlDbType.Text)
                    .With(query.After?.Day ?? DateOnly.MinValue.AddDays(1), NpgsqlDbType.Date)
                    .With(query.After?.Kind ?? "").With(query.After?.Path ?? "").With(query.After?.Reason ?? "").With(query.Limit);
                return await ReadAsync(select, token);
            },
            cancellationToken);

    // Nobody tries this again, and a second time it changes nothing.
    public async ValueTask<int> TrimLedgerAsync(DateOnly before, CancellationToken cancellationToken) =>
        await pool.WriteAsync(
            async (connection, token) =>
            {
                await using var delete = new NpgsqlCommand(Delete, connection);
                delete.Parameters.With(before, NpgsqlDbType.Date);
                return await delete.ExecuteNonQueryAsync(token);
            },
            cancellationToken);

    private static async ValueTask<IReadOnlyList<LedgerRow>> ReadAsync(NpgsqlCommand select, CancellationToken cancellationToken)
    {
        List<LedgerRow> rows = [];
        await using var read = await select.ExecuteReaderAsync(cancellationToken);
        while (await read.ReadAsync(cancellationToken))
        {
            rows.Add(new LedgerRow(read.GetFieldValue<DateOnly>(0), read.GetString(1), read.GetString(2), read.GetString(3))
            {
                Sources = read.GetInt64(4),
                SourceCount = read.GetInt64(5),
                Sinks = read.GetInt64(6),
                SinkCount = read.GetInt64(7),
                RealSources = read.GetDouble(8),
                RealSinks = read.GetDouble(9),
            });
        }

        return rows;
    }
}
