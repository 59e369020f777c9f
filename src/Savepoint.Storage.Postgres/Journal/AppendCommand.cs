using Npgsql;
using NpgsqlTypes;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.Journal;

/// <summary>
/// The two statements of an append. They go out together and are one transaction (the server commits at the end of the exchange, or undoes both):
/// 1. Insert all segments if each directly follows the newest of its shard, else none, and say the first shard where it does not. Of two appends that
///    see the same newest segment, the key (shard, first_seq) lets one in; the other waits for its commit and fails.
/// 2. Between the look of the first statement and its insert, others may have appended at our position and behind it, and trimmed again up to
///    there: then the key was free again, and we stand before the end. This statement looks anew and, if so, inserts our segment a second time,
///    which the key forbids. Nothing later can come between: whoever appended behind our position had committed before the trim, and so before our insert.
/// </summary>
/// <remarks>An alternative was a lock that appends share and a trim takes alone; a trim that hangs would then have stopped the appends of all nodes.</remarks>
internal sealed class AppendCommand : IAsyncDisposable
{
    private const string InsertIfDirectlyFollowing = """
        with new as materialized (
            select n.*, coalesce(newest.last_seq, 0) as newest_seq, coalesce(newest.number + 1, 0) as number, coalesce(newest.bytes, 0) as bytes_before
            from unnest($1, $2, $3, $4, $5, $6) with ordinality as n (shard, first_seq, last_seq, epoch, commit_id, at, place)
            left join lateral (
                select last_seq, number, bytes_before + octet_length(payload) as bytes
                from journal where journal.shard = n.shard order by first_seq desc limit 1) newest on true
        ), refused as materialized (
            select min(shard) as shard from new where first_seq <> newest_seq + 1
        ), inserted as (
            insert into journal (shard, first_seq, last_seq, epoch, commit_id, at, number, bytes_before, payload)
            select shard, first_seq, last_seq, epoch, commit_id, at, number, bytes_before, ($7::bytea[])[place]
            from new where (select shard from refused) is null
            order by place
        )
        select shard from refused
        """;

    // Lateral, so that the first look, which almost never finds anything, comes first and by the index, whatever the planner thinks of a table that was
    // empty when it looked: as a join with "exists" the statement took 2.8 ms of processor time for 64 segments, so it takes 0.1 ms.
    private const string FailIfNotNewest = """
        insert into journal
        select mine.* from unnest($1, $2, $3) as n (shard, first_seq, commit_id)
        cross join lateral (
            select from journal where journal.shard = n.shard and journal.first_seq > n.first_seq order by journal.first_seq limit 1) later
        cross join lateral (
            select * from journal where journal.shard = n.shard and journal.first_seq = n.first_seq and journal.commit_id = n.commit_id limit 1) mine
        """;

    private const string SelectTaken = """
        select min(n.shard) from unnest($1, $2) as n (shard, first_seq)
        cross join lateral (
            select from journal where journal.shard = n.shard and journal.first_seq >= n.first_seq order by journal.first_seq limit 1) taken
        """;

    private readonly NpgsqlBatch _batch;
    private readonly NpgsqlParameter<int[]> _shards = Array<int>(NpgsqlDbType.Integer);
    private readonly NpgsqlParameter<long[]> _firsts = Array<long>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<long[]> _lasts = Array<long>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<long[]> _epochs = Array<long>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<Guid[]> _commits = Array<Guid>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<DateTimeOffset[]> _times = Array<DateTimeOffset>(NpgsqlDbType.TimestampTz);
    private readonly NpgsqlParameter<ReadOnlyMemory<byte>[]> _payloads = Array<ReadOnlyMemory<byte>>(NpgsqlDbType.Bytea);
    private readonly NpgsqlParameter<int[]> _shardsAgain = Array<int>(NpgsqlDbType.Integer);
    private readonly NpgsqlParameter<long[]> _firstsAgain = Array<long>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<Guid[]> _commitsAgain = Array<Guid>(NpgsqlDbType.Uuid);

    private AppendCommand(NpgsqlConnection connection)
    {
        _batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(InsertIfDirectlyFollowing) { Parameters = { _shards, _firsts, _lasts, _epochs, _commits, _times, _payloads } },
                new NpgsqlBatchCommand(FailIfNotNewest) { Parameters = { _shardsAgain, _firstsAgain, _commitsAgain } },
            },
        };
    }

    public static async ValueTask<AppendCommand> PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new AppendCommand(connection);
        command.Bind([]);
        await command._batch.PrepareAsync(cancellationToken);
        return command;
    }

    /// <summary>The first shard whose position is taken; null when none is.</summary>
    public static async ValueTask<int?> FindTakenAsync(NpgsqlConnection connection, IReadOnlyList<JournalSegment> segments)
    {
        await using var select = new NpgsqlCommand(SelectTaken, connection);
        select.Parameters
            .With(segments, static segment => segment.Shard, NpgsqlDbType.Integer)
            .With(segments, static segment => segment.FirstSequence, NpgsqlDbType.Bigint);
        return await select.ExecuteScalarAsync() as int?;
    }

    /// <summary>Appends. Once it is sent nothing can call it back, so it takes no cancellation.</summary>
    /// <returns>The first shard that does not expect its segment, when nothing was appended; else null.</returns>
    public async ValueTask<int?> RunAsync(IReadOnlyList<JournalSegment> segments)
    {
        Bind(segments);
        try
        {
            await using var reader = await _batch.ExecuteReaderAsync();
            await reader.ReadAsync();
            int? refused = reader.IsDBNull(0) ? null : reader.GetInt32(0);

            // To the end of the exchange: only there is it committed.
            while (await reader.NextResultAsync())
            {
            }

            return refused;
        }
        finally
        {
            // The caller goes on to reuse the payloads.
            Bind([]);
        }
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    private void Bind(IReadOnlyList<JournalSegment> segments)
    {
        _shards.TypedValue = _shardsAgain.TypedValue = Column(segments, static segment => segment.Shard);
        _firsts.TypedValue = _firstsAgain.TypedValue = Column(segments, static segment => segment.FirstSequence);
        _lasts.TypedValue = Column(segments, static segment => segment.LastSequence);
        _epochs.TypedValue = Column(segments, static segment => segment.Epoch);
        _commits.TypedValue = _commitsAgain.TypedValue = Column(segments, static segment => segment.CommitId);
        _times.TypedValue = Column(segments, static segment => segment.At.ToUniversalTime());
        _payloads.TypedValue = Column(segments, static segment => segment.Payload);
    }

    private static T[] Column<T>(IReadOnlyList<JournalSegment> segments, Func<JournalSegment, T> column)
    {
        var values = new T[segments.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = column(segments[i]);
        return values;
    }

    private static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType type) => new() { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = [] };
}
