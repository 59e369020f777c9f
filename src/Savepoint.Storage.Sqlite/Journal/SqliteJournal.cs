using System.Runtime.CompilerServices;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Sqlite.Native;
using Savepoint.Storage.Sqlite.Reading;
using Savepoint.Storage.Sqlite.Writing;

namespace Savepoint.Storage.Sqlite.Journal;

/// <summary>The table <c>journal</c>.</summary>
internal sealed class SqliteJournal(Writer writer, ReaderPool readers, int shardCount) : IJournalStore
{
    // A page of a long scan: the reader lets go of the log after it.
    private const int MaxPageSegments = 256;
    private const int MaxPageBytes = 4 << 20;

    // One transaction of a trim: what commits have to wait for.
    private const int MaxTrimSegments = 256;
    private const int MaxTrimBytes = 4 << 20;

    private const string Columns = "first_seq, last_seq, epoch, commit_id, at, payload";

    private const string AppendOne = """
        insert into journal (shard, first_seq, last_seq, epoch, commit_id, at, payload)
        select ?1, ?2, ?3, ?4, ?5, ?6, ?7
        where coalesce((select last_seq from journal where shard = ?1 order by first_seq desc limit 1), 0) = ?2 - 1
        """;

    private const string AddTotals = "update journal_totals set segments = segments + ?1, payload_bytes = payload_bytes + ?2";

    private const string SelectTail = $"select {Columns} from journal where shard = ?1 order by first_seq desc limit 1";

    private const string SelectContaining = $"select {Columns} from journal where shard = ?1 and first_seq <= ?2 order by first_seq desc limit 1";

    private const string SelectAfter = $"""
        select {Columns} from journal
        where shard = ?1 and last_seq > ?2
          and first_seq >= coalesce((select max(first_seq) from journal where shard = ?1 and first_seq <= ?2), 0)
        order by first_seq limit ?3
        """;

    private const string SelectTrimmable = """
        select rowid, length(payload) from journal
        where shard = ?1 and last_seq <= ?2 and at < ?3 and first_seq < (select max(first_seq) from journal where shard = ?1)
        order by first_seq limit ?4
        """;

    private const string DeleteOne = "delete from journal where rowid = ?1";

    private const string SelectStatistics = """
        select segments, payload_bytes,
            (select min((select at from journal where journal.shard = shards.shard order by first_seq limit 1)) from shards)
        from journal_totals
        """;

    public async ValueTask AppendAsync(IReadOnlyList<JournalSegment> segments, CancellationToken cancellationToken)
    {
        AppendedSegments.ThrowIfMalformed(segments, shardCount);
        if (segments.Count > 0) await writer.AppendAsync(connection => Append(connection, segments), cancellationToken);
    }

    public ValueTask<JournalSegment?> ReadTailAsync(int shard, CancellationToken cancellationToken) =>
        readers.RunAsync<JournalSegment?>(
            connection =>
            {
                using var select = connection.Use(SelectTail);
                select.Bind(1, shard);
                return select.Step() ? Segment(shard, select) : null;
            },
            cancellationToken);

    public async IAsyncEnumerable<JournalSegment> ReadAsync(int shard, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isLast = false;
        while (!isLast)
        {
            var after = afterSequence;
            (var page, isLast) = await readers.RunAsync(connection => ReadPage(connection, shard, after), cancellationToken);
            foreach (var segment in page) yield return segment;
            if (page.Count > 0) afterSequence = page[^1].LastSequence;
        }
    }

    public ValueTask<JournalSegment?> ReadContainingAsync(int shard, long sequence, CancellationToken cancellationToken) =>
        readers.RunAsync<JournalSegment?>(
            connection =>
            {
                using var select = connection.Use(SelectContaining);
                select.Bind(1, shard);
                select.Bind(2, sequence);
                return select.Step() && Segment(shard, select) is var segment && segment.LastSequence >= sequence ? segment : null;
            },
            cancellationToken);

    public async ValueTask<int> TrimAsync(int shard, long throughSequence, DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        var total = 0;
        var isLast = false;
        while (!isLast)
        {
            (var removed, isLast) = await writer.RunAsync(connection => TrimSome(connection, shard, throughSequence, olderThan), cancellationToken);
            total += removed;
        }

        return total;
    }

    public ValueTask<JournalStatistics> ReadStatisticsAsync(CancellationToken cancellationToken) =>
        readers.RunAsync(
            connection =>
            {
                using var select = connection.Use(SelectStatistics);
                select.Step();
                return new JournalStatistics(select.Long(0), select.Long(1), select.IsNull(2) ? null : select.Time(2));
            },
            cancellationToken);

    private static int Append(Connection connection, IReadOnlyList<JournalSegment> segments)
    {
        long bytes = 0;
        using var insert = connection.Use(AppendOne);
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            insert.Bind(1, segment.Shard);
            insert.Bind(2, segment.FirstSequence);
            insert.Bind(3, segment.LastSequence);
            insert.Bind(4, segment.Epoch);
            insert.Bind(5, segment.CommitId);
            insert.Bind(6, segment.At);
            insert.Bind(7, segment.Payload.Span);
            insert.Run();
            if (connection.Changes == 0) throw new JournalConflictException(segment.Shard, segment.FirstSequence);
            bytes += segment.Payload.Length;
        }

        Add(connection, segments.Count, bytes);
        return segments.Count;
    }

    private static (List<JournalSegment> Page, bool IsLast) ReadPage(Connection connection, int shard, long afterSequence)
    {
        List<JournalSegment> page = [];
        using var select = connection.Use(SelectAfter);
        select.Bind(1, shard);
        select.Bind(2, afterSequence);
        select.Bind(3, MaxPageSegments);
        for (var bytes = 0; bytes < MaxPageBytes; bytes += page[^1].Payload.Length)
        {
            if (!select.Step()) return (page, page.Count < MaxPageSegments);
            page.Add(Segment(shard, select));
        }

        return (page, false);
    }

    private static (int Removed, bool IsLast) TrimSome(Connection connection, int shard, long throughSequence, DateTimeOffset olderThan)
    {
        List<long> rows = [];
        long bytes = 0;
        using (var select = connection.Use(SelectTrimmable))
        {
            select.Bind(1, shard);
            select.Bind(2, throughSequence);
            select.Bind(3, olderThan);
            select.Bind(4, MaxTrimSegments);
            while (bytes < MaxTrimBytes && select.Step())
            {
                rows.Add(select.Long(0));
                bytes += select.Long(1);
            }
        }

        using var delete = connection.Use(DeleteOne);
        foreach (var row in rows)
        {
            delete.Bind(1, row);
            delete.Run();
        }

        if (rows.Count > 0) Add(connection, -rows.Count, -bytes);
        return (rows.Count, rows.Count < MaxTrimSegments && bytes < MaxTrimBytes);
    }

    private static void Add(Connection connection, int segments, long bytes)
    {
        using var update = connection.Use(AddTotals);
        update.Bind(1, segments);
        update.Bind(2, bytes);
        update.Run();
    }

    private static JournalSegment Segment(int shard, Statement row) =>
        new(shard, row.Long(0), row.Long(1), row.Long(2), row.Guid(3), row.Time(4), row.Bytes(5));
}
