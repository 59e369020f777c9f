using System.Globalization;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Sqlite.Native;
using Savepoint.Storage.Sqlite.Reading;
using Savepoint.Storage.Sqlite.Writing;

namespace Savepoint.Storage.Sqlite.Ledger;

/// <summary>The table <c>ledger</c>.</summary>
internal sealed class SqliteLedger(Writer writer, ReaderPool readers) : ILedgerStore
{
    private const string DayFormat = "yyyy-MM-dd";
    private const string Columns = "day, kind, path, reason, sources, source_count, sinks, sink_count, real_sources, real_sinks";

    private const string Upsert = $"""
        insert into ledger (shard, {Columns}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        on conflict (shard, day, kind, path, reason) do update set
            sources = excluded.sources, source_count = excluded.source_count, sinks = excluded.sinks, sink_count = excluded.sink_count,
            real_sources = excluded.real_sources, real_sinks = excluded.real_sinks
        """;

    private const string SelectOfShard = $"select {Columns} from ledger where shard = ?1 and day >= ?2";

    private const string SelectRange = $"""
        select {Columns} from ledger
        where day between ?1 and ?2 and (?3 is null or kind = ?3) and (?4 is null or path = ?4) and (?5 is null or reason = ?5)
          and (day, kind, path, reason) > (?6, ?7, ?8, ?9)
        order by day, kind, path, reason
        """;

    private const string Delete = "delete from ledger where day < ?1";

    /// <summary>Writes the rows of a shard, inside of a transaction of the writer.</summary>
    public static void Write(Connection connection, int shard, IReadOnlyList<LedgerRow> rows)
    {
        if (rows.Count == 0) return;
        using var upsert = connection.Use(Upsert);
        foreach (var row in rows)
        {
            upsert.Bind(1, shard);
            upsert.Bind(2, Text(row.Day));
            upsert.Bind(3, row.Kind);
            upsert.Bind(4, row.Path);
            upsert.Bind(5, row.Reason);
            upsert.Bind(6, row.Sources);
            upsert.Bind(7, row.SourceCount);
            upsert.Bind(8, row.Sinks);
            upsert.Bind(9, row.SinkCount);
            upsert.Bind(10, row.RealSources);
            upsert.Bind(11, row.RealSinks);
            upsert.Run();
        }
    }

    public ValueTask<IReadOnlyList<LedgerRow>> ReadLedgerAsync(int shard, DateOnly from, CancellationToken cancellationToken) =>
        readers.RunAsync<IReadOnlyList<LedgerRow>>(
            connection =>
            {
                List<LedgerRow> rows = [];
                using var select = connection.Use(SelectOfShard);
                select.Bind(1, shard);
                select.Bind(2, Text(from));
                while (select.Step()) rows.Add(Row(select));
                return rows;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<LedgerRow>> QueryLedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        readers.RunAsync<IReadOnlyList<LedgerRow>>(
            connection =>
            {
                // Added up here: the database refuses a sum that overflows.
                List<LedgerRow> sums = [];
                using var select = connection.Use(SelectRange);
                select.Bind(1, Text(query.From));
                select.Bind(2, Text(query.To));
                select.Bind(3, query.Kind);
                select.Bind(4, query.Path);
                select.Bind(5, query.Reason);
                select.Bind(6, query.After is { } after ? Text(after.Day) : "");
                select.Bind(7, query.After?.Kind ?? "");
                select.Bind(8, query.After?.Path ?? "");
                select.Bind(9, query.After?.Reason ?? "");
                while (select.Step())
                {
                    var row = Row(select);
                    if (sums is [.., { } last] && last.IsOfSame(row)) sums[^1] = last.Plus(row);
                    else if (sums.Count == query.Limit) break;
                    else sums.Add(row);
                }

                return sums;
            },
            cancellationToken);

    public async ValueTask<int> TrimLedgerAsync(DateOnly before, CancellationToken cancellationToken) =>
        await writer.RunAsync(
            connection =>
            {
                using var delete = connection.Use(Delete);
                delete.Bind(1, Text(before));
                delete.Run();
                return connection.Changes;
            },
            cancellationToken);

    private static LedgerRow Row(Statement row) =>
        new(DateOnly.ParseExact(row.Text(0), DayFormat, CultureInfo.InvariantCulture), row.Text(1), row.Text(2), row.Text(3))
        {
            Sources = row.Long(4),
            SourceCount = row.Long(5),
            Sinks = row.Long(6),
            SinkCount = row.Long(7),
            RealSources = row.Double(8),
            RealSinks = row.Double(9),
        };

    private static string Text(DateOnly day) => day.ToString(DayFormat, CultureInfo.InvariantCulture);
}
