using System.Data;
using Npgsql;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;
using Savepoint.Storage.Postgres.Schema;

namespace Savepoint.Storage.Postgres.Journal;

/// <summary>
/// The one connection that appends, with its statements prepared. One append at a time: the committer has no more, and the disk flushes one after the
/// other anyway. It is opened anew before the next append after any failure that is not the server's plain refusal, and whenever Npgsql has given it up: with errors such as a full
/// disk, or by a keepalive in between.
/// </summary>
internal sealed class JournalConnection(ConnectionSettings settings, PostgresStoreOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly NpgsqlDataSource _source = ConnectionSettings.Source(settings.Journal);
    private NpgsqlConnection? _connection;
    private AppendCommand? _append;
    private volatile bool _expectsTrims;

    private bool IsOpen => _connection?.State is ConnectionState.Open;

    /// <summary>Appends in one transaction and one exchange with the server; in a second one where rows of others were removed since the last.</summary>
    /// <exception cref="JournalConflictException">A position is taken or out of line.</exception>
    /// <exception cref="StoreException">It failed; the outcome says whether the segments may be in.</exception>
    public async ValueTask AppendAsync(IReadOnlyList<JournalSegment> segments, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var append = await PrepareAsync(cancellationToken);
            if (_expectsTrims)
            {
                // In this order: what is trimmed in between is expected again. Missing one costs an exchange and nothing else.
                _expectsTrims = false;
                append.ForgetEnds();
            }

            await SendAsync(append, segments);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Lets the next append to each shard look for its end: it would fail at first, and leave an error in the server's log.</summary>
    public void ExpectTrims() => _expectsTrims = true;

    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        await _source.DisposeAsync();
        _turn.Dispose();
    }

    private async ValueTask SendAsync(AppendCommand append, IReadOnlyList<JournalSegment> segments)
    {
        int? refused;
        var isTaken = false;
        try
        {
            refused = await append.RunAsync(segments);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            (refused, isTaken) = (null, true);
        }
        catch (Exception failure) when (failure is not StoreException)
        {
            var said = PostgresErrors.IsOurs(failure) ? PostgresErrors.AfterSending(failure) : null;
            if (said is not { Outcome: WriteOutcome.NotApplied })
                await DropAsync();
            if (said is null)
                throw;
            throw said;
        }

        if (isTaken)
            refused = await FindTakenAsync(segments);
        if (refused is { } shard)
            throw Conflict(segments, shard);
    }

    /// <summary>Whoever took the position has committed by now, and the newest segment of a shard stays: its shard is found.</summary>
    private async ValueTask<int> FindTakenAsync(IReadOnlyList<JournalSegment> segments)
    {
        Exception? failure = null;
        try
        {
            if (IsOpen)
                return await AppendCommand.FindTakenAsync(_connection!, segments) ?? segments[0].Shard;
        }
        catch (Exception lost) when (PostgresErrors.IsOurs(lost))
        {
            failure = lost;
        }

        // The segments are certainly not in: trying again will tell whose shard it is.
        await DropAsync();
        throw new StoreException("An append met another one, and the connection failed before it was clear which.", WriteOutcome.NotApplied, isTransient: true, failure);
    }

    private async ValueTask<AppendCommand> PrepareAsync(CancellationToken cancellationToken)
    {
        if (_append is { } ready && IsOpen)
            return ready;
        await DropAsync();
        try
        {
            _connection = await _source.OpenConnectionAsync(cancellationToken);
            await ServerRequirements.CheckAsync(_connection, options, cancellationToken);
            return _append = await AppendCommand.PrepareAsync(_connection, cancellationToken);
        }
        catch (Exception failure)
        {
            await DropAsync();
            if (PostgresErrors.IsOurs(failure))
                throw PostgresErrors.NotApplied(failure);
            throw;
        }
    }

    private async ValueTask DropAsync()
    {
        var (append, connection) = (_append, _connection);
        (_append, _connection) = (null, null);
        if (append is not null)
            await append.DisposeAsync();
        if (connection is not null)
            await connection.DisposeAsync();
    }

    private static JournalConflictException Conflict(IReadOnlyList<JournalSegment> segments, int shard) =>
        new(shard, segments.First(segment => segment.Shard == shard).FirstSequence);
}
