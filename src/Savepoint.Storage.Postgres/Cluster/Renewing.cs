using Npgsql;
using NpgsqlTypes;
using Savepoint.Cluster;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.Cluster;

/// <summary>
/// A renewal: statements that go out together and are one transaction, each with a look of its own at what was committed before it.
/// 1. Show that the node lives.
/// 2. Lock the rows that are to change, in the order of the shards, so that two nodes never wait for each other in a circle.
/// 3. Renew the node's own leases, also those whose time is over and that nobody has taken: the row decides, not the time.
/// 4. Take what is wanted and free, or whose lease is over, under the next term. Of two nodes that try, the second waits for the first, and looks again.
/// 5. Read everything.
/// Where the node is no member any more, 1 changes nothing, and so do 3 and 4.
/// </summary>
internal static class Renewing
{
    private const string ShowLife = """
        update nodes set heartbeat_at = clock_timestamp(), until = clock_timestamp() + $2, can_own = $3, unfit = $4, has_locks = $5 where node_id = $1
        """;

    private const string LockRows = """
        select from leases where node_id = $1 or (shard = any ($2) and (node_id is null or until <= clock_timestamp())) order by shard for update
        """;

    private const string Renew = "update leases set until = clock_timestamp() + $2 where node_id = $1 and exists (select from nodes where nodes.node_id = $1)";

    private const string Take = """
        update leases set node_id = $1, term = term + 1, until = clock_timestamp() + $2
        where shard = any ($3) and (node_id is null or (node_id <> $1 and until <= clock_timestamp())) and exists (select from nodes where nodes.node_id = $1)
        """;

    private const string SelectNodes = """
        select node_id, name, address, feature_level, can_own, unfit, extract(epoch from until - clock_timestamp())::float8
        from nodes where until > clock_timestamp() order by name collate "C"
        """;

    private const string SelectLeases = """
        select shard, node_id, term, case when until = '-infinity' then 0 else extract(epoch from until - clock_timestamp()) end::float8 from leases order by shard
        """;

    public static async ValueTask<ClusterView?> RunAsync(NpgsqlConnection connection, LeaseRenewal renewal, bool hasLocks, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, ShowLife).With(renewal.NodeId, NpgsqlDbType.Uuid).With(renewal.Duration, NpgsqlDbType.Interval)
            .With(renewal.CanOwn, NpgsqlDbType.Boolean).With(renewal.Unfit, static shard => shard, NpgsqlDbType.Integer)
            .With(hasLocks, NpgsqlDbType.Boolean);
        Add(batch, LockRows).With(renewal.NodeId, NpgsqlDbType.Uuid).With(renewal.Wanted, static shard => shard, NpgsqlDbType.Integer);
        Add(batch, Renew).With(renewal.NodeId, NpgsqlDbType.Uuid).With(renewal.Duration, NpgsqlDbType.Interval);
        Add(batch, Take).With(renewal.NodeId, NpgsqlDbType.Uuid).With(renewal.Duration, NpgsqlDbType.Interval).With(renewal.Wanted, static shard => shard, NpgsqlDbType.Integer);
        Add(batch, SelectNodes);
        Add(batch, SelectLeases);

        // The rows that were locked are a result of their own, ahead of the nodes and the leases.
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var nodes = new List<MemberState>();
        while (await reader.ReadAsync(cancellationToken))
            nodes.Add(ReadNode(reader));
        await reader.NextResultAsync(cancellationToken);
        var leases = new List<ShardLease>();
        while (await reader.ReadAsync(cancellationToken))
            leases.Add(ReadLease(reader));

        // To the end of the exchange: only there is it committed.
        while (await reader.NextResultAsync(cancellationToken))
        {
        }

        return batch.BatchCommands[0].RecordsAffected == 1 ? new ClusterView(nodes, leases) : null;
    }

    private static NpgsqlParameterCollection Add(NpgsqlBatch batch, string statement)
    {
        var command = new NpgsqlBatchCommand(statement);
        batch.BatchCommands.Add(command);
        return command.Parameters;
    }

    private static MemberState ReadNode(NpgsqlDataReader row) => new(
        new ClusterNode(row.GetGuid(0), row.GetString(1), new Uri(row.GetString(2)), row.GetInt32(3)),
        row.GetBoolean(4),
        row.GetFieldValue<int[]>(5),
        TimeSpan.FromSeconds(row.GetDouble(6)));

    private static ShardLease ReadLease(NpgsqlDataReader row) =>
        new(row.IsDBNull(1) ? null : row.GetGuid(1), row.GetInt64(2), TimeSpan.FromSeconds(row.GetDouble(3)));
}
