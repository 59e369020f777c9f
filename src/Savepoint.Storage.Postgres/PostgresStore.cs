using Npgsql;
using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;
using Savepoint.Storage.Postgres.DeadLetters;
using Savepoint.Storage.Postgres.Entities;
using Savepoint.Storage.Postgres.Journal;
using Savepoint.Storage.Postgres.Schema;

namespace Savepoint.Storage.Postgres;

/// <summary>
/// One PostgreSQL database. Several processes may have it open at once: the journal decides who may write to a shard. Appends go through one connection of
/// their own, everything else through a pool. Safe for concurrent use.
/// </summary>
/// <param name="storeOptions">Where the database is, and how it is used.</param>
/// <param name="time">The clock by which reads are tried again.</param>
public sealed class PostgresStore(PostgresStoreOptions storeOptions, TimeProvider time) : IStore
{
    private const string CountCheck = "update database set checks = checks + 1";

    private readonly OpenCalls _calls = new();
    private NpgsqlDataSource? _source;
    private JournalConnection? _appends;
    private ConnectionPool? _pool;
    private PostgresJournal? _journal;
    private PostgresEntities? _entities;
    private PostgresDeadLetters? _deadLetters;
    private bool _isDisposed;

    /// <summary>
    /// What makes an open database lose acknowledged changes in a crash, in one line, when <see cref="PostgresStoreOptions.AllowUnsafeDurability"/> accepts
    /// that; null when nothing does.
    /// </summary>
    public string? DurabilityWarning { get; private set; }

    private PostgresJournal Journal => _journal ?? throw NotOpen();

    private PostgresEntities Entities => _entities ?? throw NotOpen();

    private PostgresDeadLetters DeadLetters => _deadLetters ?? throw NotOpen();

    private ConnectionPool Pool => _pool ?? throw NotOpen();

    /// <inheritdoc/>
    public async ValueTask<StoreIdentity?> OpenAsync(StoreOpenOptions options, CancellationToken cancellationToken)
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
    public async ValueTask CheckAsync(CancellationToken cancellationToken) =>
        await Pool.WriteAsync(
            static async (connection, token) =>
            {
                await using var count = new NpgsqlCommand(CountCheck, connection);
                return await count.ExecuteNonQueryAsync(token);
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask AppendAsync(IReadOnlyList<JournalSegment> segments, CancellationToken cancellationToken) =>
        Journal.AppendAsync(segments, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<JournalSegment?> ReadTailAsync(int shard, CancellationToken cancellationToken) => Journal.ReadTailAsync(shard, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<JournalSegment> ReadAsync(int shard, long afterSequence, CancellationToken cancellationToken) =>
        Journal.ReadAsync(shard, afterSequence, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<JournalSegment?> ReadContainingAsync(int shard, long sequence, CancellationToken cancellationToken) =>
        Journal.ReadContainingAsync(shard, sequence, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimAsync(int shard, long throughSequence, DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        Journal.TrimAsync(shard, throughSequence, olderThan, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<JournalStatistics> ReadStatisticsAsync(CancellationToken cancellationToken) => Journal.ReadStatisticsAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredEntity?> ReadEntityAsync(int shard, EntityKey key, CancellationToken cancellationToken) =>
        Entities.ReadEntityAsync(shard, key, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ReadEntitiesAsync(int shard, IReadOnlyList<EntityKey> keys, CancellationToken cancellationToken) =>
        Entities.ReadEntitiesAsync(shard, keys, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<int>> WriteCheckpointAsync(CheckpointBatch batch, CancellationToken cancellationToken) =>
        Entities.WriteCheckpointAsync(batch, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrBelowAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        Entities.ReadSnapshotAtOrBelowAsync(shard, key, version, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoredSnapshot?> ReadSnapshotAtOrAboveAsync(int shard, EntityKey key, long version, CancellationToken cancellationToken) =>
        Entities.ReadSnapshotAtOrAboveAsync(shard, key, version, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> TrimSnapshotsAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) =>
        Entities.TrimSnapshotsAsync(olderThan, cancellationToken);

    /// <inheritdoc/>
    public ValueTask QuarantineAsync(int shard, EntityKey key, string error, DateTimeOffset at, CancellationToken cancellationToken) =>
        Entities.QuarantineAsync(shard, key, error, at, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEntity>> ListQuarantinedAsync(StoredEntity? after, int limit, CancellationToken cancellationToken) =>
        Entities.ListQuarantinedAsync(after, limit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ShardState> ReadShardAsync(int shard, CancellationToken cancellationToken) => Entities.ReadShardAsync(shard, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> ClaimShardAsync(int shard, long expectedEpoch, long newEpoch, CancellationToken cancellationToken) =>
        Entities.ClaimShardAsync(shard, expectedEpoch, newEpoch, cancellationToken);

    /// <inheritdoc/>
    public ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken) => DeadLetters.AddDeadLetterAsync(letter, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        DeadLetters.ListDeadLettersAsync(afterId, limit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RemoveDeadLetterAsync(long id, CancellationToken cancellationToken) => DeadLetters.RemoveDeadLetterAsync(id, cancellationToken);

    /// <summary>Finishes the calls that have begun and closes all connections.</summary>
    public async ValueTask DisposeAsync()
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
        _deadLetters = new PostgresDeadLetters(_pool);
        DurabilityWarning = server.UnsafeSettings.Count == 0 ? null : $"PostgreSQL will lose acknowledged changes in a crash: {string.Join(", ", server.UnsafeSettings)}.";
    }

    private Exception NotOpen() => _isDisposed ? new ObjectDisposedException(nameof(PostgresStore)) : new InvalidOperationException("The store has to be opened first.");
}
