using Savepoint.Testing;

namespace Savepoint.Bench;

/// <summary>A PostgreSQL of this run's own for <c>--store postgres</c>, with the settings of a small dedicated server and every commit flushed.</summary>
internal sealed class PrivatePostgres : IAsyncDisposable
{
    private const string Database = "savepoint";

    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["fsync"] = "on",
        ["synchronous_commit"] = "on",
        ["full_page_writes"] = "on",
        ["shared_buffers"] = "512MB",
        ["max_wal_size"] = "4GB",
        ["wal_buffers"] = "64MB",
    };

    private PrivatePostgres(PostgresServer server) => Server = server;

    public PostgresServer Server { get; }

    public string ConnectionString => Server.ConnectionString(Database);

    /// <summary>Starts one if the store needs it; null when it does not.</summary>
    public static async Task<PrivatePostgres?> StartForAsync(string store)
    {
        if (store != "postgres")
            return null;
        var server = await PostgresServer.StartAsync(new PostgresServerOptions { Settings = Settings });
        await server.CreateDatabaseAsync(Database);
        return new PrivatePostgres(server);
    }

    /// <summary>The settings with which a server process uses a store.</summary>
    public static Dictionary<string, string> SettingsFor(string store, PrivatePostgres? postgres)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Savepoint__Store"] = store };
        if (postgres is not null)
            settings["Savepoint__Postgres__ConnectionString"] = postgres.ConnectionString;
        return settings;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
