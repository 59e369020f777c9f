using Savepoint.Engine.Storage;
using Savepoint.Storage.Sqlite.DeadLetters;
using Savepoint.Storage.Sqlite.Entities;
using Savepoint.Storage.Sqlite.Journal;
using Savepoint.Storage.Sqlite.Ledger;
using Savepoint.Storage.Sqlite.Native;
using Savepoint.Storage.Sqlite.Reading;
using Savepoint.Storage.Sqlite.Schema;
using Savepoint.Storage.Sqlite.Writing;

namespace Savepoint.Storage.Sqlite;

/// <summary>
/// One database in one SQLite file, for one process, with all shards. One thread does all writing, in transactions flushed to disk; reads run on the caller's thread.
/// Safe for concurrent use.
/// </summary>
/// <param name="options">Where the file is, and how it is used.</param>
public sealed class SqliteStore(SqliteStoreOptions options) : ComposedStore
{
    private ProcessLock? _lock;
    private Writer? _writer;
    private ReaderPool? _readers;
    private SqliteJournal? _journal;
    private SqliteEntities? _entities;
    private SqliteLedger? _ledger;
    private SqliteDeadLetters? _deadLetters;
    private bool _isDisposed;

    /// <inheritdoc/>
    protected override IJournalStore Journal => _journal ?? throw NotOpen();

    /// <inheritdoc/>
    protected override IEntityStore Entities => _entities ?? throw NotOpen();

    /// <inheritdoc/>
    protected override ILedgerStore Ledger => _ledger ?? throw NotOpen();

    /// <inheritdoc/>
    protected override IDeadLetterStore DeadLetters => _deadLetters ?? throw NotOpen();

    private Writer Writer => _writer ?? throw NotOpen();

    /// <inheritdoc/>
    public override ValueTask<StoreIdentity?> OpenAsync(StoreOpenOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_writer is not null) throw new InvalidOperationException("The store is open already.");
        try
        {
            return ValueTask.FromResult(Open(options));
        }
        catch (SqliteException exception)
        {
            return ValueTask.FromException<StoreIdentity?>(exception.ToStoreException());
        }
        catch (StoreException exception)
        {
            return ValueTask.FromException<StoreIdentity?>(exception);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask CheckAsync(CancellationToken cancellationToken) =>
        await Writer.RunAsync(
            static connection =>
            {
                connection.Run("update database set checks = checks + 1");
                return true;
            },
            cancellationToken);

    /// <summary>Finishes the writes that are queued, closes the file and lets other processes have it.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _readers?.Dispose();
        if (_writer is not null) await _writer.DisposeAsync();
        _lock?.Dispose();
    }

    /// <summary>For tests: bounds the file, so that SQLite itself meets a full disk.</summary>
    internal Task<bool> SetMaxPagesAsync(long pages) =>
        Writer.RunAsync(
            connection =>
            {
                connection.RunScript($"pragma max_page_count = {pages}");
                return true;
            },
            CancellationToken.None);

    private StoreIdentity? Open(StoreOpenOptions open)
    {
        var processLock = ProcessLock.Take(options.Path);
        Connection? connection = null;
        try
        {
            var connections = new ConnectionFactory(options);
            connection = connections.OpenWriter();
            if (DatabaseSchema.Prepare(connection, open) is not { } identity)
            {
                connection.Dispose();
                processLock.Dispose();
                return null;
            }

            _lock = processLock;
            _writer = new Writer(connection, connections, options);
            _readers = new ReaderPool(connections, options.MaxReaders);
            _journal = new SqliteJournal(_writer, _readers, identity.ShardCount);
            _entities = new SqliteEntities(_writer, _readers);
            _ledger = new SqliteLedger(_writer, _readers);
            _deadLetters = new SqliteDeadLetters(_writer, _readers);
            return identity;
        }
        catch
        {
            connection?.Dispose();
            processLock.Dispose();
            throw;
        }
    }

    private Exception NotOpen() => _isDisposed ? new ObjectDisposedException(nameof(SqliteStore)) : new InvalidOperationException("The store has to be opened first.");
}
