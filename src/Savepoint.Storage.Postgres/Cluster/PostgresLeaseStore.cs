using Npgsql;
using NpgsqlTypes;
using Savepoint.Cluster;
using Savepoint.Storage.Postgres.Cluster;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres;

/// <summary>
/// The cluster's tables in PostgreSQL, which <see cref="PostgresStore.OpenAsync"/> makes: open that first. One connection renews, and holds the locks that
/// show that this process lives; another one moves shards. Safe for concurrent use.
/// </summary>
public sealed class PostgresLeaseStore : ILeaseStore
{
    private const string MakeSecret = "update cluster set secret = $1 where secret is null";
    private const string SelectSecret = "select secret from cluster";

    private const string GiveShard = """
        update leases set node_id = $3, term = term + 1, until = clock_timestamp() + $4
        where shard = $1 and node_id = $2 and term = $5 and exists (select from nodes where nodes.node_id = $3 and nodes.until > clock_timestamp())
        """;

    private const string FreeShard = "update leases set node_id = null, until = '-infinity' where shard = $1 and node_id = $2 and term = $3";

    private const string FreeAll = "update leases set node_id = null, until = '-infinity' where node_id = $1";
    private const string DeleteNode = "delete from nodes where node_id = $1";

    private const string RaiseFeatureLevel = """
        update cluster set min_feature_level = greatest(min_feature_level, $1)
        where not exists (select from nodes where until > clock_timestamp() and feature_level < $1)
        """;

    private readonly LeaseConnection _member;
    private readonly LeaseConnection _moves;
    private NodeLocks? _locks;

    /// <summary>Makes a store; it connects with its first call.</summary>
    /// <param name="options">Where the database is.</param>
    public PostgresLeaseStore(PostgresStoreOptions options)
    {
        var settings = new ConnectionSettings(options, "on");
        _member = new LeaseConnection(settings, options);
        _moves = new LeaseConnection(settings, options);
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> ReadOrCreateKeyAsync(ReadOnlyMemory<byte> candidate, CancellationToken cancellationToken) =>
        _moves.RunAsync<ReadOnlyMemory<byte>>(
            async (connection, _, token) =>
            {
                await using var make = new NpgsqlCommand(MakeSecret, connection);
                make.Parameters.With(candidate);
                await make.ExecuteNonQueryAsync(token);
                await using var select = new NpgsqlCommand(SelectSecret, connection);
                return (byte[])(await select.ExecuteScalarAsync(token))!;
            },
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask JoinAsync(ClusterNode node, bool canOwn, TimeSpan duration, CancellationToken cancellationToken) =>
        await _member.RunAsync(
            async (connection, _, token) =>
            {
                _locks = await Joining.RunAsync(connection, node, canOwn, duration, token);
                return true;
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ClusterView?> RenewAsync(LeaseRenewal renewal, CancellationToken cancellationToken) =>
        _member.RunAsync(
            async (connection, isNew, token) =>
            {
                if (isNew)
                    _locks?.Forget();
                var view = await Renewing.RunAsync(connection, renewal, _locks is { AreHeld: true }, token);
                if (view is null)
                    await LetGoAsync(connection, token);

                // The server may not have noticed yet that the connection before this one, or another node's, is gone, and go on holding its locks.
                else if (_locks is { AreHeld: false } locks)
                    await locks.TryTakeAsync(connection, token);
                return view;
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> HandOverAsync(int shard, Guid from, long term, Guid to, TimeSpan duration, CancellationToken cancellationToken) =>
        _moves.RunAsync(
            async (connection, _, token) =>
            {
                await using var give = new NpgsqlCommand(GiveShard, connection);
                give.Parameters.With(shard).With(from, NpgsqlDbType.Uuid).With(to, NpgsqlDbType.Uuid).With(duration, NpgsqlDbType.Interval).With(term);
                return await give.ExecuteNonQueryAsync(token) == 1;
            },
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(int shard, Guid from, long term, CancellationToken cancellationToken) =>
        await _moves.RunAsync(
            async (connection, _, token) =>
            {
                await using var free = new NpgsqlCommand(FreeShard, connection);
                free.Parameters.With(shard).With(from, NpgsqlDbType.Uuid).With(term);
                return await free.ExecuteNonQueryAsync(token);
            },
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask LeaveAsync(Guid node, CancellationToken cancellationToken) =>
        await _member.RunAsync(
            async (connection, _, token) =>
            {
                await using var batch = new NpgsqlBatch(connection);
                foreach (var statement in (string[])[DeleteNode, FreeAll])
                {
                    var command = new NpgsqlBatchCommand(statement);
                    command.Parameters.With(node, NpgsqlDbType.Uuid);
                    batch.BatchCommands.Add(command);
                }

                batch.BatchCommands.Add(new NpgsqlBatchCommand(NodeLocks.LetGo));
                _locks = null;
                return await batch.ExecuteNonQueryAsync(token);
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RequireFeatureLevelAsync(int level, CancellationToken cancellationToken) =>
        _moves.RunAsync(
            async (connection, _, token) =>
            {
                await using var transaction = await connection.BeginTransactionAsync(token);
                await using var alone = new NpgsqlCommand(NodeLocks.BeOnlyOneToChangeMembers, connection);
                await alone.ExecuteNonQueryAsync(token);
                await using var raise = new NpgsqlCommand(RaiseFeatureLevel, connection);
                raise.Parameters.With(level);
                var isRaised = await raise.ExecuteNonQueryAsync(token) == 1;
                await transaction.CommitAsync(token);
                return isRaised;
            },
            cancellationToken);

    private async ValueTask LetGoAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        _locks = null;
        await using var letGo = new NpgsqlCommand(NodeLocks.LetGo, connection);
        await letGo.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Closes both connections, which lets go of the locks. The node's row and its leases stay until their time is over.</summary>
    public async ValueTask DisposeAsync()
    {
        await _member.DisposeAsync();
        await _moves.DisposeAsync();
    }
}
