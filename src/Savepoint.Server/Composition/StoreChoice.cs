using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Cluster;
using Savepoint.Engine;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Storage;
using Savepoint.Hosting;
using Savepoint.Storage.Memory;
using Savepoint.Storage.Postgres;
using Savepoint.Storage.Sqlite;

namespace Savepoint.Server.Composition;

/// <summary>Chooses where a server keeps its state.</summary>
public static class StoreChoice
{
    /// <summary>Keeps the state in a SQLite database.</summary>
    public static SavepointBuilder UseSqlite(this SavepointBuilder savepoint, SqliteStoreOptions options) => savepoint.Use(_ => new SqliteStore(options));

    /// <summary>Keeps the state in a PostgreSQL database.</summary>
    public static SavepointBuilder UsePostgres(this SavepointBuilder savepoint, PostgresStoreOptions options)
    {
        savepoint.Services.TryAddSingleton<ILeaseStore>(_ => new PostgresLeaseStore(options));
        return savepoint.Use(provider => Postgres(options, provider));
    }

    /// <summary>Keeps the state in memory, where it ends with the process. For benchmarks and development.</summary>
    public static SavepointBuilder UseMemory(this SavepointBuilder savepoint) => savepoint.Use(_ => new MemoryStore(new MemoryDatabase()));

    /// <summary>Keeps the state in several PostgreSQL databases, each of which holds a range of the shards.</summary>
    /// <param name="savepoint">The server.</param>
    /// <param name="databases">The databases, with ranges that hold each shard once.</param>
    public static SavepointBuilder UsePostgres(this SavepointBuilder savepoint, IReadOnlyList<(ShardRange Shards, PostgresStoreOptions Options)> databases)
    {
        // The first of them also says which node owns what.
        savepoint.Services.TryAddSingleton<ILeaseStore>(_ => new PostgresLeaseStore(databases[0].Options));
        savepoint.Services.TryAddSingleton(provider => new ShardDatabases(
            databases.Select(database => new ShardDatabase(database.Shards, Postgres(database.Options, provider))),
            provider.GetRequiredService<EngineOptions>().ShardCount));
        return savepoint;
    }

    /// <summary>What nobody is shown over the server's edges is not to be read with psql either, or in reports.</summary>
    private static PostgresStore Postgres(PostgresStoreOptions options, IServiceProvider provider) => new(
        options.WithoutJsonOf(provider.GetRequiredService<KindRegistry>().All.Where(static kind => kind.IsSecret).Select(static kind => kind.Name)),
        provider.GetRequiredService<TimeProvider>());

    private static SavepointBuilder Use(this SavepointBuilder savepoint, Func<IServiceProvider, IStore> store)
    {
        savepoint.Services.TryAddSingleton(store);
        savepoint.Services.TryAddSingleton(provider => ShardDatabases.One(provider.GetRequiredService<IStore>(), provider.GetRequiredService<EngineOptions>().ShardCount));
        return savepoint;
    }
}
