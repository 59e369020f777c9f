using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Sqlite.Native;
using Savepoint.Storage.Sqlite.Reading;
using Savepoint.Storage.Sqlite.Writing;

namespace Savepoint.Storage.Sqlite.DeadLetters;

/// <summary>The table <c>dead_letters</c>.</summary>
internal sealed class SqliteDeadLetters(Writer writer, ReaderPool readers) : IDeadLetterStore
{
    private const string Insert = """
        insert into dead_letters (source, shard, kind, entity, sequence, payload, error, attempts, at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """;

    private const string SelectAfter = """
        select id, source, shard, kind, entity, sequence, payload, error, attempts, at from dead_letters
        where id > ?1 order by id limit ?2
        """;

    private const string Delete = "delete from dead_letters where id = ?1";

    public async ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken) =>
        await writer.RunAsync(
            connection =>
            {
                using var insert = connection.Use(Insert);
                insert.Bind(1, letter.Source);
                insert.Bind(2, letter.Shard);
                insert.Bind(3, letter.Key.Kind);
                insert.Bind(4, letter.Key.Id);
                insert.Bind(5, letter.Sequence);
                insert.Bind(6, letter.Payload.Span);
                insert.Bind(7, letter.Error);
                insert.Bind(8, letter.Attempts);
                insert.Bind(9, letter.At);
                insert.Run();
                return true;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        readers.RunAsync<IReadOnlyList<DeadLetter>>(
            connection =>
            {
                List<DeadLetter> letters = [];
                using var select = connection.Use(SelectAfter);
                select.Bind(1, afterId);
                select.Bind(2, limit);
                while (select.Step()) letters.Add(Letter(select));
                return letters;
            },
            cancellationToken);

    public async ValueTask<bool> RemoveDeadLetterAsync(long id, CancellationToken cancellationToken) =>
        await writer.RunAsync(
            connection =>
            {
                using var delete = connection.Use(Delete);
                delete.Bind(1, id);
                delete.Run();
                return connection.Changes == 1;
            },
            cancellationToken);

    private static DeadLetter Letter(Statement row) => new(
        row.Long(0), row.Text(1), row.Int(2), new EntityKey(row.Text(3), row.Text(4)), row.Long(5), row.Bytes(6), row.Text(7), row.Int(8), row.Time(9));
}
