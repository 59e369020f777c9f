using Npgsql;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.Entities;

/// <summary>Writes checkpoints: each one transaction in one exchange with the server. When a row is refused, finds out which.</summary>
internal sealed class CheckpointWriter(ConnectionPool pool, JsonCopies json, int shardCount)
{
    /// <returns>The shards whose epoch is another one.</returns>
    public async ValueTask<IReadOnlyList<int>> WriteAsync(CheckpointBatch batch, CancellationToken cancellationToken)
    {
        foreach (var state in batch.Shards)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)state.Shard, (uint)shardCount, nameof(batch));
        var rows = CheckpointRows.From(batch, json);
        return await pool.WriteAsync(
            async (connection, token) =>
            {
                try
                {
                    return await CheckpointCommand.RunAsync(connection, rows, batch.Shards, token);
                }
                catch (PostgresException error) when (PostgresErrors.BlamesRow(error))
                {
                    throw await RefusedRow.FindAsync(connection, rows, token) ?? PostgresErrors.AfterSending(error);
                }
            },
            cancellationToken);
    }
}
