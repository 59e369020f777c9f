using Npgsql;
using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.Entities;

/// <summary>
/// The database names no row when it refuses one of a thousand. So the rows are tried by halves, each try taken back, until one is left: ten tries for a
/// thousand rows.
/// </summary>
internal static class RefusedRow
{
    /// <returns>The refusal with the entity's key; null when the rows go in after all.</returns>
    public static async ValueTask<StoreException?> FindAsync(NpgsqlConnection connection, CheckpointRows rows, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(connection, rows, cancellationToken) is not { } refusal)
            return null;
        while (rows.Entities.Count + rows.Snapshots.Count > 1)
        {
            var (first, second) = Halves(rows);
            if (await RefusalAsync(connection, first, cancellationToken) is { } firstRefusal)
                (rows, refusal) = (first, firstRefusal);
            else if (await RefusalAsync(connection, second, cancellationToken) is { } secondRefusal)
                (rows, refusal) = (second, secondRefusal);
            else
                return null; // Only together: no single row is at fault.
        }

        var key = rows.Entities.Count == 1 ? rows.Entities[0].Key : rows.Snapshots[0].Key;
        return Blame(key, refusal);
    }

    private static (CheckpointRows First, CheckpointRows Second) Halves(CheckpointRows rows)
    {
        var (entities, snapshots) = (rows.Entities.Count, rows.Snapshots.Count);
        if (entities > 0 && snapshots > 0)
            return (rows.Part(0..entities, 0..0), rows.Part(0..0, 0..snapshots));
        return (rows.Part(0..(entities / 2), 0..(snapshots / 2)), rows.Part((entities / 2)..entities, (snapshots / 2)..snapshots));
    }

    private static async ValueTask<PostgresException?> RefusalAsync(NpgsqlConnection connection, CheckpointRows rows, CancellationToken cancellationToken)
    {
        try
        {
            await CheckpointCommand.TryAsync(connection, rows, cancellationToken);
            return null;
        }
        catch (PostgresException error) when (PostgresErrors.BlamesRow(error))
        {
            return error;
        }
    }

    private static StoreException Blame(EntityKey key, PostgresException error) =>
        new($"The database refuses {key}. {PostgresErrors.NotApplied(error).Message}", WriteOutcome.NotApplied, isTransient: false, error) { Key = key };
}
