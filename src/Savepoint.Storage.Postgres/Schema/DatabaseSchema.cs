using Npgsql;
using NpgsqlTypes;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.Schema;

/// <summary>Makes the tables of a new database, brings an older one up to date, and refuses what it should not touch.</summary>
internal static class DatabaseSchema
{
    // "SVPT", taken by whoever migrates: of several nodes that start at once one does it and the others wait.
    private const long MigrationLock = 0x53565054;
    private static readonly TimeSpan MigrationTimeout = TimeSpan.FromMinutes(5);

    private const string HasVersions = "select case when current_schema() is not null then to_regclass(quote_ident(current_schema()) || '.schema_version') is not null end";
    private const string SelectVersion = "select coalesce(max(version), 0) from schema_version";
    private const string CreateVersions = "create table schema_version (version integer primary key, name text not null, applied_at timestamptz not null)";
    private const string InsertVersion = "insert into schema_version (version, name, applied_at) values ($1, $2, $3)";
    private const string InsertIdentity = "insert into database (one, database_id, shard_count, shards, layout, created_at) values (1, $1, $2, $3, $4, $5)";
    private const string InsertShards = "insert into shards (shard) select generate_series(0, $1 - 1)";
    private const string SelectIdentity = "select database_id, shard_count, shards, layout from database";

    // The first right that is missing.
    private const string SelectMissingRight = """
        select needed.relation, needed.privilege
        from (values
            ('database', 'SELECT'), ('database', 'UPDATE'), ('shards', 'SELECT'), ('shards', 'UPDATE'),
            ('journal', 'SELECT'), ('journal', 'INSERT'), ('journal', 'DELETE'), ('journal_trims', 'SELECT'), ('journal_trims', 'UPDATE'),
            ('entities', 'SELECT'), ('entities', 'INSERT'), ('entities', 'UPDATE'),
            ('snapshots', 'SELECT'), ('snapshots', 'INSERT'), ('snapshots', 'UPDATE'), ('snapshots', 'DELETE'),
            ('ledger', 'SELECT'), ('ledger', 'INSERT'), ('ledger', 'UPDATE'), ('ledger', 'DELETE'),
            ('dead_letters', 'SELECT'), ('dead_letters', 'INSERT'), ('dead_letters', 'DELETE'),
            ('cluster', 'SELECT'), ('cluster', 'UPDATE'),
            ('nodes', 'SELECT'), ('nodes', 'INSERT'), ('nodes', 'UPDATE'), ('nodes', 'DELETE'),
            ('leases', 'SELECT'), ('leases', 'INSERT'), ('leases', 'UPDATE')) as needed (relation, privilege)
        where not has_table_privilege(needed.relation, needed.privilege)
        limit 1
        """;

    /// <summary>Creates or migrates, in one transaction, and returns the identity; null when there is none yet and none may be made.</summary>
    public static async ValueTask<StoreIdentity?> PrepareAsync(NpgsqlConnection connection, StoreOpenOptions options, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RunAsync(connection, $"set local statement_timeout = {(long)MigrationTimeout.TotalMilliseconds}; select pg_advisory_xact_lock({MigrationLock})", cancellationToken);
        if (!await MigrateAsync(connection, options, cancellationToken))
            return null;
        await ThrowIfWithoutRightsAsync(connection, cancellationToken);
        var identity = await ReadIdentityAsync(connection, cancellationToken);
        identity.ThrowUnlessFor(options);
        await transaction.CommitAsync(cancellationToken);
        return identity;
    }

    /// <returns>False when there is no database yet and none may be made.</returns>
    private static async ValueTask<bool> MigrateAsync(NpgsqlConnection connection, StoreOpenOptions options, CancellationToken cancellationToken)
    {
        if (await ScalarAsync<object>(connection, HasVersions, cancellationToken) is not bool hasVersions)
            throw Refuse("The search path names no schema that exists: create one, or correct Search Path in the connection string.");
        var version = hasVersions ? await ScalarAsync<int>(connection, SelectVersion, cancellationToken) : 0;
        if (version == 0 && options.NewDatabaseId is null)
            return false;
        if (!hasVersions)
            await RunAsync(connection, CreateVersions, cancellationToken);
        var newest = Migrations.All[^1].Version;
        if (version > newest)
            throw Refuse($"The database has schema version {version}; this program knows versions up to {newest}. Start a newer program.");
        foreach (var migration in Migrations.All.Where(migration => migration.Version > version))
        {
            await RunAsync(connection, migration.Script, cancellationToken);
            await using var insert = new NpgsqlCommand(InsertVersion, connection);
            insert.Parameters.With(migration.Version).With(migration.Name).With(options.Now);
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        if (version == 0)
            await WriteIdentityAsync(connection, options, cancellationToken);
        return true;
    }

    private static async ValueTask WriteIdentityAsync(NpgsqlConnection connection, StoreOpenOptions options, CancellationToken cancellationToken)
    {
        var identity = StoreIdentity.New(options);
        await using var insert = new NpgsqlCommand(InsertIdentity, connection);
        insert.Parameters.With(identity.DatabaseId, NpgsqlDbType.Uuid).With(identity.ShardCount).With(identity.Shards).With(identity.Layout).With(options.Now);
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await using var shards = new NpgsqlCommand(InsertShards, connection);
        shards.Parameters.With(options.ShardCount);
        await shards.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async ValueTask ThrowIfWithoutRightsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand(SelectMissingRight, connection);
        await using var rows = await select.ExecuteReaderAsync(cancellationToken);
        if (!await rows.ReadAsync(cancellationToken))
            return;
        var (relation, privilege) = (rows.GetString(0), rows.GetString(1).ToLowerInvariant());
        var role = connection.UserName;
        throw Refuse($"The role '{role}' may not {privilege} the table '{relation}': grant select, insert, update, delete on all tables in schema … to \"{role}\", or connect as their owner.");
    }

    private static async ValueTask<StoreIdentity> ReadIdentityAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand(SelectIdentity, connection);
        await using var rows = await select.ExecuteReaderAsync(cancellationToken);
        if (!await rows.ReadAsync(cancellationToken))
            throw Refuse("The database has lost its identity.");
        return new StoreIdentity(rows.GetGuid(0), rows.GetInt32(1)) { Shards = rows.GetString(2), Layout = rows.GetString(3) };
    }

    private static async ValueTask RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)MigrationTimeout.TotalSeconds };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async ValueTask<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static StoreException Refuse(string reason) => new(reason, WriteOutcome.NotApplied, isTransient: false);
}
