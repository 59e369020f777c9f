using Npgsql;
using NpgsqlTypes;
using Savepoint.Cluster;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.Cluster;

/// <summary>
/// Makes a process a node, in one transaction, while nobody else does so:
/// 1. refuse it if it does not read what the database holds;
/// 2. try to take the locks on its name and address;
/// 3. look at the nodes with the same name or address. One that held the lock, which is free now, is dead, or has lost its connection: it is displaced,
///    and finds that out when it renews. Any other is protected by its lease: then this one is refused. After that its process stands still, or its
///    machine went away without a word, and it is displaced too; it may hold the lock for a while, and the node that takes its place has none until then;
/// 4. register, and let go of what leases the node had before it was displaced itself.
/// What another node's leases still hold is not touched: that may serve for as long as they last.
/// </summary>
internal static class Joining
{
    private const string SelectRequirements = "select min_feature_level, database_id from cluster, database";

    private const string SelectNamesakes = """
        select node_id, name, address, feature_level, started_at, until > clock_timestamp(), has_locks from nodes where (name = $1 or address = $2) and node_id <> $3
        """;

    private const string DeleteNamesakes = "delete from nodes where (name = $1 or address = $2) and node_id <> $3";

    // Nobody asks for those any more.
    private const string DeleteForgotten = "delete from nodes where until < clock_timestamp() - interval '10 minutes'";

    private const string InsertNode = """
        insert into nodes (node_id, name, address, feature_level, can_own, started_at, heartbeat_at, until, has_locks)
        values ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp(), clock_timestamp() + $6, $7)
        on conflict (node_id) do update set heartbeat_at = excluded.heartbeat_at, until = excluded.until, has_locks = excluded.has_locks
        """;

    private const string InsertLeases = "insert into leases (shard) select generate_series(0, shard_count - 1) from database on conflict do nothing";
    private const string FreeLeases = "update leases set node_id = null, until = '-infinity' where node_id = $1";

    /// <returns>The locks.</returns>
    /// <exception cref="JoinRefusedException">It may not.</exception>
    public static async ValueTask<NodeLocks> RunAsync(NpgsqlConnection connection, ClusterNode node, bool canOwn, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RunAsync(connection, NodeLocks.BeOnlyOneToChangeMembers, _ => { }, cancellationToken);
        var locks = new NodeLocks(await CheckRequirementsAsync(connection, node, cancellationToken), node.Name, Address(node));
        var held = await locks.TryTakeAsync(connection, cancellationToken);
        await ThrowIfTakenAsync(connection, node, held, cancellationToken);
        await RunAsync(connection, DeleteNamesakes, parameters => parameters.With(node.Name).With(Address(node)).With(node.Id, NpgsqlDbType.Uuid), cancellationToken);
        await RunAsync(connection, DeleteForgotten, _ => { }, cancellationToken);
        await RunAsync(
            connection,
            InsertNode,
            parameters => parameters.With(node.Id, NpgsqlDbType.Uuid).With(node.Name).With(Address(node)).With(node.FeatureLevel)
                .With(canOwn, NpgsqlDbType.Boolean).With(duration, NpgsqlDbType.Interval).With(locks.AreHeld, NpgsqlDbType.Boolean),
            cancellationToken);
        await RunAsync(connection, InsertLeases, _ => { }, cancellationToken);
        await RunAsync(connection, FreeLeases, parameters => parameters.With(node.Id, NpgsqlDbType.Uuid), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return locks;
    }

    private static async ValueTask<Guid> CheckRequirementsAsync(NpgsqlConnection connection, ClusterNode node, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand(SelectRequirements, connection);
        await using var row = await select.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return node.FeatureLevel < row.GetInt32(0) ? throw JoinRefusedException.Outdated(node, row.GetInt32(0)) : row.GetGuid(1);
    }

    private static async ValueTask ThrowIfTakenAsync(
        NpgsqlConnection connection, ClusterNode node, (bool Name, bool Address) held, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand(SelectNamesakes, connection);
        select.Parameters.With(node.Name).With(Address(node)).With(node.Id, NpgsqlDbType.Uuid);
        await using var rows = await select.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var other = new ClusterNode(rows.GetGuid(0), rows.GetString(1), new Uri(rows.GetString(2)), rows.GetInt32(3));
            var isProvenGone = rows.GetBoolean(6) && (other.Name != node.Name || held.Name) && (other.Address != node.Address || held.Address);
            if (rows.GetBoolean(5) && !isProvenGone)
                throw JoinRefusedException.Taken(node, other, rows.Time(4));
        }
    }

    private static async ValueTask RunAsync(NpgsqlConnection connection, string sql, Action<NpgsqlParameterCollection> bind, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        bind(command.Parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Address(ClusterNode node) => node.Address.AbsoluteUri;
}
