using Npgsql;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.Schema;

/// <summary>The first connection: looks at the server, prepares the schema, and says in words what stands in the way.</summary>
internal static class Opening
{
    /// <exception cref="StoreException">The database can't be used; nothing was changed. The message says what to do.</exception>
    public static async ValueTask<(StoreIdentity? Identity, ServerState Server)> RunAsync(
        PostgresStoreOptions options, StoreOpenOptions open, CancellationToken cancellationToken)
    {
        var settings = ConnectionSettings.Plain(options);
        try
        {
            // Sees what the role, the database and the server set, and not what our own sessions will.
            await using var source = ConnectionSettings.Source(settings.ConnectionString);
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            var server = await ServerRequirements.CheckAsync(connection, options, cancellationToken);
            return (await DatabaseSchema.PrepareAsync(connection, open, cancellationToken), server);
        }
        catch (PostgresException error) when (Advice(error, settings) is { } advice)
        {
            throw new StoreException(advice, WriteOutcome.NotApplied, PostgresErrors.NotApplied(error).IsTransient, error);
        }
        catch (PostgresException error)
        {
            throw PostgresErrors.NotApplied(error);
        }
        catch (Exception failure) when (PostgresErrors.IsOurs(failure))
        {
            var where = $"{settings.Host}:{settings.Port}";
            throw new StoreException($"PostgreSQL at {where} can't be reached or does not answer: is it running, and is the address right? {failure.Message}", WriteOutcome.NotApplied, isTransient: true, failure);
        }
    }

    private static string? Advice(PostgresException error, NpgsqlConnectionStringBuilder settings) => error.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword => $"PostgreSQL refuses the password of the role '{settings.Username}': correct it in the connection string.",
        PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"PostgreSQL does not let the role '{settings.Username}' in: {error.MessageText}. Create it (create role … login password …), or allow it in pg_hba.conf.",
        PostgresErrorCodes.InvalidCatalogName => $"There is no database '{settings.Database}': create it (create database \"{settings.Database}\" owner \"{settings.Username}\").",
        PostgresErrorCodes.InsufficientPrivilege =>
            $"The role '{settings.Username}' lacks a right: {error.MessageText}. Make it the owner of the database '{settings.Database}', or grant it create on the schema and all rights on the tables.",
        PostgresErrorCodes.DuplicateTable =>
            $"The database '{settings.Database}' has a table of another program: {error.MessageText}. Give Savepoint a database of its own, or a schema (Search Path in the connection string).",
        PostgresErrorCodes.ReadOnlySqlTransaction =>
            $"The database '{settings.Database}' is read-only for the role '{settings.Username}': reset default_transaction_read_only, or connect to the primary.",
        PostgresErrorCodes.TooManyConnections => "PostgreSQL has no connection left: raise max_connections, or lower MaxConnections of its clients.",
        _ => null,
    };
}
