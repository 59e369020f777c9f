using Savepoint.Engine.Storage;
using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.Storage.Sqlite.Writing;

/// <summary>
/// The one thread with the one connection that writes. A transaction that fails is rolled back; after an error that says nothing good about the connection
/// (I/O, corruption, memory) it is opened again before the next transaction, so the store works again as soon as its disk does.
/// </summary>
internal sealed class Writer : IAsyncDisposable
{
    private readonly ConnectionFactory _connections;
    private readonly SqliteStoreOptions _options;
    private readonly WriteQueue _queue = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Connection? _connection;
    private WalCheckpointer? _checkpointer;

    /// <param name="connection">The first connection, which becomes the writer's own.</param>
    /// <param name="connections">Opens the next ones.</param>
    /// <param name="options">The options of the store.</param>
    public Writer(Connection connection, ConnectionFactory connections, SqliteStoreOptions options)
    {
        _connections = connections;
        _options = options;
        Use(connection);
        new Thread(Loop) { IsBackground = true, Name = "savepoint-sqlite-writer" }.Start();
    }

    /// <summary>Runs a body in a transaction of its own, after the appends that are queued.</summary>
    public Task<T> RunAsync<T>(Func<Connection, T> body, CancellationToken cancellationToken) => QueueAsync(body, isAppend: false, cancellationToken);

    /// <summary>Runs a body in a transaction that it may share with other appends: each takes effect whole or not at all.</summary>
    public Task<T> AppendAsync<T>(Func<Connection, T> body, CancellationToken cancellationToken) => QueueAsync(body, isAppend: true, cancellationToken);

    /// <summary>Finishes what is queued and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _ended.Task;
    }

    private Task<T> QueueAsync<T>(Func<Connection, T> body, bool isAppend, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<T>(cancellationToken);
        var work = new WriteWork<T>(body, cancellationToken);
        _queue.Add(work, isAppend);
        return work.Completion;
    }

    private void Loop()
    {
        var group = new List<WriteWork>();
        while (_queue.Take(group)) Run(group);
        try
        {
            _checkpointer?.Finish();
        }
        catch (SqliteException)
        {
            // The log stays and is read on the next opening.
        }

        _connection?.Dispose();
        _ended.SetResult();
    }

    private void Run(List<WriteWork> group)
    {
        try
        {
            Transact(group);
        }
        catch (SqliteException exception) when (group.Count > 1 && !exception.BreaksConnection)
        {
            // One of them is at fault or they are too large together: each alone.
            foreach (var work in group) Run([work]);
            return;
        }
        catch (SqliteException exception)
        {
            Fail(group, exception.ToStoreException());
        }
#pragma warning disable CA1031 // Whatever it is, it goes to those who wait; the thread lives on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(group, exception);
        }

        CheckpointWal();
    }

    /// <summary>Applies a group in one transaction and answers those that it did; throws when nothing was applied and nobody answered.</summary>
    private void Transact(List<WriteWork> group)
    {
        var connection = _connection ?? Use(_connections.OpenWriter());
        List<(WriteWork Work, Exception Refusal)> refused = [];
        try
        {
            connection.Run("begin immediate");
            if (group.Count == 1) group[0].Apply(connection);
            else foreach (var work in group) ApplyWithinSavepoint(connection, work, refused);
        }
        catch (Exception exception)
        {
            RollBack(exception);
            throw;
        }

        foreach (var (work, refusal) in refused)
        {
            work.Fail(refusal);
            group.Remove(work);
        }

        if (TryCommit(connection) is { } failure) Fail(group, failure);
        else foreach (var work in group) work.Succeed();
    }

    private static void ApplyWithinSavepoint(Connection connection, WriteWork work, List<(WriteWork, Exception)> refused)
    {
        connection.Run("savepoint one");
        try
        {
            work.Apply(connection);
        }
        catch (JournalConflictException conflict)
        {
            connection.Run("rollback to one");
            refused.Add((work, conflict));
        }

        connection.Run("release one");
    }

    private StoreException? TryCommit(Connection connection)
    {
        try
        {
            connection.Run("commit");
            return null;
        }
        catch (SqliteException exception)
        {
            RollBack(exception);
            return exception.ToStoreException(exception.LeavesNoCommit ? WriteOutcome.NotApplied : WriteOutcome.Unknown);
        }
    }

    private void RollBack(Exception cause)
    {
        var isBroken = (cause as SqliteException ?? cause.InnerException as SqliteException) is { BreaksConnection: true };
        try
        {
            // SQLite has rolled back by itself after some errors, a full disk among them.
            if (!_connection!.IsIdle) _connection.Run("rollback");
        }
        catch (SqliteException)
        {
            isBroken = true;
        }

        if (isBroken) Drop();
    }

    private void CheckpointWal()
    {
        try
        {
            _checkpointer?.AfterCommit();
        }
        catch (SqliteException exception)
        {
            // Nothing is lost: the log holds it all, and the next time copies it. When the disk is full, commits fail by themselves.
            if (exception.BreaksConnection) Drop();
        }
    }

    private Connection Use(Connection connection)
    {
        _connection = connection;
        _checkpointer = new WalCheckpointer(connection, _options);
        return connection;
    }

    private void Drop()
    {
        _connection?.Dispose();
        _connection = null;
        _checkpointer = null;
    }

    private static void Fail(List<WriteWork> group, Exception exception)
    {
        foreach (var work in group) work.Fail(exception);
    }
}
