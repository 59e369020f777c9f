using System.Data;
using Npgsql;
using NpgsqlTypes;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.Journal;

/// <summary>
/// The two statements of an append. They go out together and are one transaction (the server commits at the end of the exchange, or undoes both):
/// 1. Insert all segments. Where this connection has appended the segment before each, at once: its key alone tells whether others have appended since. Else
///    only if each directly follows the newest of its shard, and none if one does not. Of two appends to one position, the key (shard, first_seq) lets one in;
///    the other waits for its commit and fails.
/// 2. Others may have appended at our position and behind it since we looked, and trimmed again up to there: then the key was free again, and we stand before
///    the end. Each trim counts itself in its transaction, and this statement sees what was committed before the insert was done. Behind known ends it fails
///    where that count is not the one of the last look, which undoes the insert, and the segments go the other way. There it looks for the newest other segment
///    and, if ours does not directly follow it, inserts ours a second time, which the key forbids. Nothing later can come between: whoever appended behind our
///    position had committed before the trim, and so before our insert.
/// </summary>
/// <remarks>
/// An alternative was a lock that appends share and a trim takes alone; a trim that hangs would then have stopped the appends of all nodes. So it stops only
/// other trims.
/// </remarks>
internal sealed class AppendCommand : IAsyncDisposable
{
    private const string InsertIfDirectlyFollowing = """
        with new as materialized (
            select n.*, coalesce(newest.last_seq, 0) as newest_seq, coalesce(newest.number + 1, 0) as number, coalesce(newest.bytes, 0) as bytes_before
            from unnest($1, $2, $3, $4) with ordinality as n (shard, first_seq, last_seq, epoch, place)
            left join lateral (
                select last_seq, number, bytes_before + octet_length(payload) as bytes
                from journal where journal.shard = n.shard order by first_seq desc limit 1) newest on true
        ), inserted as (
            insert into journal (shard, first_seq, last_seq, epoch, commit_id, at, number, bytes_before, payload)
            select shard, first_seq, last_seq, epoch, $6, $7, number, bytes_before, ($5::bytea[])[place]
            from new where not exists (select from new where first_seq <> newest_seq + 1)
            order by place
        )
        select shard, number, bytes_before, first_seq <> newest_seq + 1 from new order by place
        """;

    // For 20 segments the two statements took 0.08 ms without flushing and less an empty exchange, against 0.17 with looks for the newest of each shard before and
    // behind it.
    private const string Insert = """
        insert into journal (shard, first_seq, last_seq, epoch, commit_id, at, number, bytes_before, payload)
        select shard, first_seq, last_seq, epoch, $8, $9, number, bytes_before, ($7::bytea[])[place]
        from unnest($1, $2, $3, $4, $5, $6) with ordinality as n (shard, first_seq, last_seq, epoch, number, bytes_before, place)
        """;

    // No such text is an integer, and it says in the server's log what happened. The count behind it, 0, lets the cast be made only when the statement runs: that of
    // a constant would fail while it is prepared. A statement that looks by itself where the count has changed took 10 % of all that PostgreSQL did for a change over
    // HTTP, only for being made ready.
    private const string FailIfTrimmed = """
        select case count(*) when 1 then 0 else ('rows of the journal were removed since the last look: looking, and appending again ' || count(*))::integer end
        from journal_trims where one = 1 and trims = $1
        """;

    // Lateral, so that each look goes by the index, whatever the planner thinks of a table that was empty when it looked: as a join with "exists" the statement
    // took 2.8 ms of processor time for 64 segments, so it takes 0.1 ms.
    private const string FailIfOvertaken = """
        with trimmed as materialized (
            select trims from journal_trims where one = 1
        ), overtaken as (
            insert into journal
            select mine.* from unnest($1, $2) as n (shard, first_seq)
            left join lateral (
                select last_seq from journal where journal.shard = n.shard and journal.first_seq <> n.first_seq order by journal.first_seq desc limit 1) other on true
            cross join lateral (
                select * from journal where journal.shard = n.shard and journal.first_seq = n.first_seq and journal.commit_id = $3 limit 1) mine
            where n.first_seq <> coalesce(other.last_seq, 0) + 1
        )
        select trims from trimmed
        """;

    private const string SelectTaken = """
        select min(n.shard) from unnest($1, $2) as n (shard, first_seq)
        left join lateral (
            select last_seq from journal where journal.shard = n.shard order by journal.first_seq desc limit 1) newest on true
        where n.first_seq <> coalesce(newest.last_seq, 0) + 1
        """;

    private readonly NpgsqlConnection _connection;
    private readonly KnownEnds _ends = new();
    private readonly SegmentBatch _looking;
    private readonly SegmentBatch _following;

    private AppendCommand(NpgsqlConnection connection)
    {
        _connection = connection;
        _looking = new SegmentBatch(connection);
        _looking.Add(
            InsertIfDirectlyFollowing,
            [
                .. PlaceColumns(_looking),
                _looking.Column(NpgsqlDbType.Bytea, static segment => segment.Payload),
                .. CommitColumns(_looking),
            ]);
        _looking.Add(
            FailIfOvertaken,
            _looking.Column(NpgsqlDbType.Integer, static segment => segment.Shard),
            _looking.Column(NpgsqlDbType.Bigint, static segment => segment.FirstSequence),
            _looking.Common(NpgsqlDbType.Uuid, static segment => segment.CommitId));

        _following = new SegmentBatch(connection);
        _following.Add(
            Insert,
            [
                .. PlaceColumns(_following),
                _following.Column(NpgsqlDbType.Bigint, segment => _ends[segment.Shard].Number + 1),
                _following.Column(NpgsqlDbType.Bigint, segment => _ends[segment.Shard].Bytes),
                _following.Column(NpgsqlDbType.Bytea, static segment => segment.Payload),
                .. CommitColumns(_following),
            ]);
        _following.Add(FailIfTrimmed, _following.Common(NpgsqlDbType.Bigint, segment => _ends[segment.Shard].Trims));
    }

    public static async ValueTask<AppendCommand> PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new AppendCommand(connection);
        await command._looking.PrepareAsync(cancellationToken);
        await command._following.PrepareAsync(cancellationToken);
        return command;
    }

    /// <summary>The first shard whose newest segment is not the one before; null when there is none.</summary>
    public static async ValueTask<int?> FindTakenAsync(NpgsqlConnection connection, IReadOnlyList<JournalSegment> segments)
    {
        await using var select = new NpgsqlCommand(SelectTaken, connection);
        select.Parameters
            .With(segments, static segment => segment.Shard, NpgsqlDbType.Integer)
            .With(segments, static segment => segment.FirstSequence, NpgsqlDbType.Bigint);
        return await select.ExecuteScalarAsync() as int?;
    }

    /// <summary>
    /// Appends. Once it is sent nothing can call it back, so it takes no cancellation. Where it takes two exchanges, the time-out is for each, and the lease may be over by
    /// the second: the key and the look decide, as ever.
    /// </summary>
    /// <param name="segments">Of one commit, at least one.</param>
    /// <returns>The first shard that does not expect its segment, when nothing was appended; else null.</returns>
    public async ValueTask<int?> RunAsync(IReadOnlyList<JournalSegment> segments) =>
        _ends.CanFollow(segments) && await FollowAsync(segments) ? null : await LookAndRunAsync(segments);

    /// <summary>Looks for the end of each shard at the next append to it.</summary>
    public void ForgetEnds() => _ends.Clear();

    public async ValueTask DisposeAsync()
    {
        await _looking.DisposeAsync();
        await _following.DisposeAsync();
    }

    /// <returns>Whether they are in; not where anything was trimmed since the last look.</returns>
    private async ValueTask<bool> FollowAsync(IReadOnlyList<JournalSegment> segments)
    {
        try
        {
            await using var reader = await _following.SendAsync(segments);
            await ReadToEndAsync(reader);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InvalidTextRepresentation)
        {
            // It may also be somebody's trigger that said so: then the other way hears it too. The connection may have ended with the error.
            _ends.Clear();
            if (_connection.State is not ConnectionState.Open)
                throw new StoreException("Rows of the journal were removed, and the connection failed before the append was done again.", WriteOutcome.NotApplied, isTransient: true, error);
            return false;
        }
        finally
        {
            _following.Release();
        }

        foreach (var segment in segments)
            _ends.MoveBehind(segment);
        return true;
    }

    private async ValueTask<int?> LookAndRunAsync(IReadOnlyList<JournalSegment> segments)
    {
        try
        {
            await using var reader = await _looking.SendAsync(segments);
            var before = new List<(long Number, long Bytes)>(segments.Count);
            int? refused = null;
            while (await reader.ReadAsync())
            {
                before.Add((reader.GetInt64(1), reader.GetInt64(2)));
                if (refused is null && reader.GetBoolean(3))
                    refused = reader.GetInt32(0);
            }

            await reader.NextResultAsync();
            var trims = await ReadTrimsAsync(reader);
            for (var i = 0; i < segments.Count && refused is null; i++)
                _ends.MoveBehind(segments[i], before[i].Number, before[i].Bytes, trims);
            return refused;
        }
        finally
        {
            _looking.Release();
        }
    }

    private static async ValueTask<long> ReadTrimsAsync(NpgsqlDataReader reader)
    {
        var trims = await reader.ReadAsync() ? reader.GetInt64(0) : KnownEnds.Uncounted;
        await ReadToEndAsync(reader);
        return trims;
    }

    /// <summary>Reads on to the end of the exchange: only there is it committed.</summary>
    private static async ValueTask ReadToEndAsync(NpgsqlDataReader reader)
    {
        while (await reader.NextResultAsync())
        {
        }
    }

    private static NpgsqlParameter[] PlaceColumns(SegmentBatch batch) =>
    [
        batch.Column(NpgsqlDbType.Integer, static segment => segment.Shard),
        batch.Column(NpgsqlDbType.Bigint, static segment => segment.FirstSequence),
        batch.Column(NpgsqlDbType.Bigint, static segment => segment.LastSequence),
        batch.Column(NpgsqlDbType.Bigint, static segment => segment.Epoch),
    ];

    private static NpgsqlParameter[] CommitColumns(SegmentBatch batch) =>
    [
        batch.Common(NpgsqlDbType.Uuid, static segment => segment.CommitId),
        batch.Common(NpgsqlDbType.TimestampTz, static segment => segment.At.ToUniversalTime()),
    ];
}
