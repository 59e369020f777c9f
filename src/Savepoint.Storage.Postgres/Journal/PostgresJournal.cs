using System.Runtime.CompilerServices;
using Npgsql;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.Journal;

/// <summary>The table <c>journal</c>.</summary>
internal sealed class PostgresJournal(JournalConnection appends, ConnectionPool pool, OpenCalls calls, int shardCount) : IJournalStore
{
    // A page of a long scan: what it keeps in memory on either side.
    private const int MaxPageSegments = 512;
    private const int MaxPageBytes = 4 << 20;

    // One transaction of a trim.
    private const int MaxTrimSegments = 1_000;

    private const string Columns = "first_seq, last_seq, epoch, commit_id, at, payload";

    private const string SelectTail = $"select {Columns} from journal where shard = $1 order by first_seq desc limit 1";

    private const string SelectContaining = $"select {Columns} from journal where shard = $1 and first_seq <= $2 order by first_seq desc limit 1";

    // The sum stands before the payloads are fetched, which lie outside of the rows where they are large.
    private const string SelectPage = $"""
        select {Columns} from (
            select {Columns}, sum(octet_length(payload)) over (order by first_seq) - octet_length(payload) as bytes_before_it
            from (
                select {Columns} from journal
                where shard = $1 and last_seq > $2
                  and first_seq >= coalesce((select first_seq from journal where shard = $1 and first_seq <= $2 order by first_seq desc limit 1), 0)
                order by first_seq limit $3) page) sized
        where bytes_before_it < $4
        order by first_seq
        """;

    private const string SelectOld = """
        select first_seq from journal
        where shard = $1 and last_seq <= $2 and at < $3
          and first_seq < (select first_seq from journal where shard = $1 order by first_seq desc limit 1)
        order by first_seq limit $4
        """;

    private const string DeleteSome = $"delete from journal where shard = $1 and first_seq = any (array({SelectOld}))";

    // Two looks into the index for each shard, however large the journal is.
    private const string SelectStatistics = """
        select coalesce(sum(newest.number - oldest.number + 1), 0)::bigint, coalesce(sum(newest.bytes_through - oldest.bytes_before), 0)::bigint, min(oldest.at)
        from shards
        join lateral (
            select number, bytes_before, at from journal where journal.shard = shards.shard order by first_seq limit 1) oldest on true
        join lateral (
            select number, bytes_before + octet_length(payload) as bytes_through
            from journal where journal.shard = shards.shard order by first_seq desc limit 1) newest on true
        """;

    public async ValueTask AppendAsync(IReadOnlyList<JournalSegment> segments, CancellationToken cancellationToken)
    {
        using var call = calls.Begin();
        AppendedSegments.ThrowIfMalformed(segments, shardCount);
        cancellationToken.ThrowIfCancellationRequested();
        if (segments.Count > 0)
            await appends.AppendAsync(segments, cancellationToken);
    }

    public ValueTask<JournalSegment?> ReadTailAsync(int shard, CancellationToken cancellationToken) =>
        pool.RepeatAsync(
            async (connection, token) =>
            {
                await using var select = new NpgsqlCommand(SelectTail, connection);
                select.Parameters.With(shard);
                await using var rows = await select.ExecuteReaderAsync(token);
                return await rows.ReadAsync(token) ? Segment(shard, rows) : default(JournalSegment?);
            },
            cancellationToken);

    public async IAsyncEnumerable<JournalSegment> ReadAsync(int shard, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // No connection is held while the caller works on a page.
        List<JournalSegment> page;
        do
        {
            var after = afterSequence;
            page = await pool.RepeatAsync((connection, token) => ReadPageAsync(connection, shard, after, token), cancellationToken);
            foreach (var segment in page)
                yield return segment;
            if (page.Count > 0)
                afterSequence = page[^1].LastSequence;
        }
        while (page.Count > 0);
    }

    public ValueTask<JournalSegment?> ReadContainingAsync(int shard, long sequence, CancellationToken cancellationToken) =>
        pool.RepeatAsync<JournalSegment?>(
            async (connection, token) =>
            {
                await using var select = new NpgsqlCommand(SelectContaining, connection);
                select.Parameters.With(shard).With(sequence);
                await using var rows = await select.ExecuteReaderAsync(token);
                return await rows.ReadAsync(token) && Segment(shard, rows) is var segment && segment.LastSequence >= sequence ? segment : null;
            },
            cancellationToken);

    public async ValueTask<int> TrimAsync(int shard, long throughSequence, DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        // Most trims find nothing, and a removal of nothing would be counted, and be a write.
        var isAnyOld = await pool.RepeatAsync(
            async (connection, token) =>
            {
                await using var select = OfOld(connection, SelectOld, limit: 1);
                return await select.ExecuteScalarAsync(token) is not null;
            },
            cancellationToken);
        if (!isAnyOld)
            return 0;
        try
        {
            int total = 0, removed;
            do
            {
                removed = await pool.WriteAsync(
                    async (connection, token) =>
                    {
                        await using var delete = OfOld(connection, DeleteSome, MaxTrimSegments);
                        return await delete.ExecuteNonQueryAsync(token);
                    },
                    cancellationToken);
                total += removed;
            }
            while (removed == MaxTrimSegments);
            return total;
        }
        finally
        {
            appends.ExpectTrims();
        }

        NpgsqlCommand OfOld(NpgsqlConnection connection, string statement, int limit)
        {
            var command = new NpgsqlCommand(statement, connection);
            command.Parameters.With(shard).With(throughSequence).With(olderThan).With(limit);
            return command;
        }
    }

    public ValueTask<JournalStatistics> ReadStatisticsAsync(CancellationToken cancellationToken) =>
        pool.RepeatAsync(
            async (connection, token) =>
            {
                await using var select = new NpgsqlCommand(SelectStatistics, connection);
                await using var rows = await select.ExecuteReaderAsync(token);
                await rows.ReadAsync(token);
                return new JournalStatistics(rows.GetInt64(0), rows.GetInt64(1), rows.IsDBNull(2) ? null : rows.Time(2));
            },
            cancellationToken);

    private static async ValueTask<List<JournalSegment>> ReadPageAsync(NpgsqlConnection connection, int shard, long afterSequence, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand(SelectPage, connection);
        select.Parameters.With(shard).With(afterSequence).With(MaxPageSegments).With((long)MaxPageBytes);
        await using var rows = await select.ExecuteReaderAsync(cancellationToken);
        List<JournalSegment> page = [];
        while (await rows.ReadAsync(cancellationToken))
            page.Add(Segment(shard, rows));
        return page;
    }

    private static JournalSegment Segment(int shard, NpgsqlDataReader row) =>
        new(shard, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetGuid(3), row.Time(4), row.Bytes(5));
}
