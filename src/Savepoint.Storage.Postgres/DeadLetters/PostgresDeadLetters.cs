using Npgsql;
using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.DeadLetters;

/// <summary>The table <c>dead_letters</c>.</summary>
internal sealed class PostgresDeadLetters(ConnectionPool pool) : IDeadLetterStore
{
    private const string Insert = """
        insert into dead_letters (source, shard, kind, entity, sequence, payload, error, attempts, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    private const string SelectAfter = """
        select id, source, shard, kind, entity, sequence, payload, error, attempts, at from dead_letters
        where id > $1 order by id limit $2
        """;

    private const string Delete = "delete from dead_letters where id = $1";

    public async ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken) =>
        await pool.WriteAsync(
            async (connection, token) =>
            {
                await using var insert = new NpgsqlCommand(Insert, connection);
                insert.Parameters.With(letter.Source).With(letter.Shard).With(letter.Key.Kind).With(letter.Key.Id).With(letter.Sequence)
                    .With(letter.Payload).WithUnchecked(letter.Error).With(letter.Attempts).With(letter.At);
                return await insert.ExecuteNonQueryAsync(token);
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        pool.RepeatAsync<IReadOnlyList<DeadLetter>>(
            async (connection, token) =>
            {
                await using var select = new NpgsqlCommand(SelectAfter, connection);
                select.Parameters.With(afterId).With(limit);
                await using var rows = await select.ExecuteReaderAsync(token);
                List<DeadLetter> letters = [];
                while (await rows.ReadAsync(token))
                    letters.Add(Letter(rows));
                return letters;
            },
            cancellationToken);

    public async ValueTask<bool> RemoveDeadLetterAsync(long id, CancellationToken cancellationToken) =>
        await pool.WriteAsync(
            async (connection, token) =>
            {
                await using var delete = new NpgsqlCommand(Delete, connection);
                delete.Parameters.With(id);
                return await delete.ExecuteNonQueryAsync(token);
            },
            cancellationToken) == 1;

    private static DeadLetter Letter(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetInt32(2), new EntityKey(row.GetString(3), row.GetString(4)), row.GetInt64(5), row.Bytes(6), row.GetString(7),
        row.GetInt32(8), row.Time(9));
}
