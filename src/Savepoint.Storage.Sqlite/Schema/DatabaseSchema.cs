using System.Globalization;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.Storage.Sqlite.Schema;

/// <summary>Makes the tables of a new database, brings an older one up to date, and refuses what it should not touch.</summary>
internal static class DatabaseSchema
{
    // "SVPT": file(1) and people can tell our databases from others.
    private const int ApplicationId = 0x53565054;

    /// <summary>Creates or migrates, in one transaction, and returns the identity; null when there is none yet and none may be made.</summary>
    public static StoreIdentity? Prepare(Connection connection, StoreOpenOptions options)
    {
        connection.Run("begin immediate");
        try
        {
            if (!Migrate(connection, options))
            {
                connection.Run("rollback");
                return null;
            }

            var identity = ReadIdentity(connection);
            identity.ThrowUnlessFor(options);
            connection.Run("commit");
            return identity;
        }
        catch
        {
            if (!connection.IsIdle) connection.Run("rollback");
            throw;
        }
    }

    /// <returns>False when there is no database yet and none may be made.</returns>
    private static bool Migrate(Connection connection, StoreOpenOptions options)
    {
        var version = ReadVersion(connection);
        if (version == 0 && options.NewDatabaseId is null) return false;
        var newest = Migrations.All[^1].Version;
        if (version > newest) throw Refuse($"The database has schema version {version}; this program knows versions up to {newest}. Start a newer program.");
        foreach (var migration in Migrations.All.Where(migration => migration.Version > version))
        {
            connection.RunScript(migration.Script);
            using var insert = connection.Use("insert into schema_version (version, name, applied_at) values (?1, ?2, ?3)");
            insert.Bind(1, migration.Version);
            insert.Bind(2, migration.Name);
            insert.Bind(3, options.Now);
            insert.Run();
        }

        if (version == 0) WriteIdentity(connection, options);
        return true;
    }

    private static int ReadVersion(Connection connection)
    {
        var applicationId = int.Parse(connection.Scalar("pragma application_id")!, CultureInfo.InvariantCulture);
        if (applicationId != ApplicationId)
        {
            if (applicationId != 0 || connection.Scalar("select count(*) from sqlite_schema") != "0")
                throw Refuse("The file is a SQLite database of another program.");
            connection.RunScript($"pragma application_id = {ApplicationId}");
            connection.RunScript("create table schema_version (version integer primary key, name text not null, applied_at integer not null)");
        }

        return int.Parse(connection.Scalar("select coalesce(max(version), 0) from schema_version")!, CultureInfo.InvariantCulture);
    }

    private static void WriteIdentity(Connection connection, StoreOpenOptions options)
    {
        var identity = StoreIdentity.New(options);
        using (var insert = connection.Use("insert into database (one, database_id, shard_count, created_at) values (1, ?1, ?2, ?3)"))
        {
            insert.Bind(1, identity.DatabaseId);
            insert.Bind(2, options.ShardCount);
            insert.Bind(3, options.Now);
            insert.Run();
        }

        using var shard = connection.Use("insert into shards (shard) values (?1)");
        for (var i = 0; i < options.ShardCount; i++)
        {
            shard.Bind(1, i);
            shard.Run();
        }
    }

    private static StoreIdentity ReadIdentity(Connection connection)
    {
        using var select = connection.Use("select database_id, shard_count from database");
        return select.Step() ? new StoreIdentity(select.Guid(0), select.Int(1)) : throw Refuse("The database has lost its identity.");
    }

    private static StoreException Refuse(string reason) => new(reason, WriteOutcome.NotApplied, isTransient: false);
}
