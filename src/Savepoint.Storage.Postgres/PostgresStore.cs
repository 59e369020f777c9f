using Npgsql;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;
using Savepoint.Storage.Postgres.DeadLetters;
using Savepoint.Storage.Postgres.Entities;
using Savepoint.Storage.Postgres.Journal;
using Savepoint.Storage.Postgres.Ledger;
using Savepoint.Storage.Postgres.Schema;

namespace Savepoint.Storage.Postgres;

/// <summary>
/// One PostgreSQL database. Several processes may have it open at once: the journal decides who may write to a shard. Appends go through one connection of
/// their own, everything else through a pool. Safe for concurrent use.
/// </summary>
/// <param name="storeOptions">Where the database is, and how it is used.</param>
/// <param name="time">The clock by which reads are tried again.</param>
public sealed class PostgresStore(PostgresStoreOptions storeOptions, TimeProvider time) : ComposedStore
{
    private const string CountCheck = "update database set checks = checks + 1";

    private readonly OpenCalls _calls = new();
    private NpgsqlDataSource? _source;
    private JournalConnection? _appends;
    private ConnectionPool? _pool;
    private PostgresJournal? _journal;
    private PostgresEntities? _entities;
    private PostgresLedger? _ledger;
    private PostgresDeadLetters? _deadLetters;
    private bool _isDisposed;

    /// <summary>
    /// What makes an open database lose acknowledged changes in a crash, in one line, when <see cref="PostgresStoreOptions.AllowUnsafeDurability"/> accepts
    /// that; null when nothing does.
    /// </summary>
    public string? DurabilityWarning { get; private set; }

    /// <inheritdoc/>
    protected override IJournalStore Journal => _journal ?? throw NotOpen();

    /// <inheritdoc/>
    protected override IEntityStore Entities => _entities ?? throw NotOpen();

    /// <inheritdoc/>
    protected override ILedgerStore Ledger => _ledger ?? throw NotOpen();

    /// <inheritdoc/>
    protected override IDeadLetterStore DeadLetters => _deadLetters ?? throw NotOpen();

    private ConnectionPool Pool => _pool ?? throw NotOpen();

    /// <inheritdoc/>
    public override async ValueTask<StoreIdentity?> OpenAsync(StoreOpenOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_source is not null)
            throw new InvalidOperationException("The store is open already.");
        var (identity, server) = await Opening.RunAsync(storeOptions, options, cancellationToken);
        if (identity is not null)
            Use(identity, server);
        return identity;
    }

    /// <inheritdoc/>
    public override async ValueTask CheckAsync(CancellationToken cancellationToken) =>
        await Pool.WriteAsync(
            static async (connection, token) =>
            {
                await using var count = new NpgsqlCommand(CountCheck, connection);
                return await count.ExecuteNonQueryAsync(token);
            },
            cancellationToken);

    /// <summary>Finishes the calls that have begun and closes all connections.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await _calls.CloseAsync();
        if (_appends is not null)
            await _appends.DisposeAsync();
        if (_source is not null)
            await _source.DisposeAsync();
    }

    private void Use(StoreIdentity identity, ServerState server)
    {
        var settings = new ConnectionSettings(storeOptions, server.SynchronousCommitToSet);

        // Where the primary was there may be a replica now: what lies behind must not be taken for the state.
        _source = ConnectionSettings.Source(
            settings.Pool, async connection => await ServerRequirements.CheckAsync(connection, storeOptions, CancellationToken.None));
        _pool = new ConnectionPool(_source, _calls, ReadResilience.Make(storeOptions, time));
        _appends = new JournalConnection(settings, storeOptions);
        _journal = new PostgresJournal(_appends, _pool, _calls, identity.ShardCount);
        _entities = new PostgresEntities(_pool, new CheckpointWriter(_pool, new JsonCopies(storeOptions), identity.ShardCount));
        _ledger = new PostgresLedger(_pool);
        _deadLetters = new PostgresDeadLetters(_pool);
        DurabilityWarning = server.UnsafeSettings.Count == 0 ? null : $"PostgreSQL will lose acknowledged changes in a crash: {string.Join(", ", server.UnsafeSettings)}.";
    }

    private Exception NotOpen() => _isDisposed ? new ObjectDisposedException(nameof(PostgresStore)) : new InvalidOperationException("The store has to be opened first.");
}
