using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Cluster;
using Savepoint.Engine;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;
using Savepoint.Storage.Postgres;
using Savepoint.Storage.Sqlite;

namespace Savepoint.Server.Composition;

/// <summary>Chooses the parts of a server. What was registered before stays.</summary>
/// <param name="services">Where the parts are registered.</param>
public sealed class SavepointBuilder(IServiceCollection services)
{
    /// <summary>Where the parts are registered.</summary>
    public IServiceCollection Services { get; } = services;

    /// <summary>Adds a kind of entities.</summary>
    public SavepointBuilder AddKind(Kind kind)
    {
        Services.AddSingleton(kind);
        return this;
    }

    /// <summary>Keeps the state in a SQLite database.</summary>
    public SavepointBuilder UseSqlite(SqliteStoreOptions options) => Use(_ => new SqliteStore(options));

    /// <summary>Keeps the state in a PostgreSQL database.</summary>
    public SavepointBuilder UsePostgres(PostgresStoreOptions options)
    {
        Services.TryAddSingleton<ILeaseStore>(_ => new PostgresLeaseStore(options));
        return Use(provider => new PostgresStore(options, provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Keeps the state in memory, where it ends with the process. For benchmarks and development.</summary>
    public SavepointBuilder UseMemory() => Use(_ => new MemoryStore(new MemoryDatabase()));

    /// <summary>Keeps the state in several PostgreSQL databases, each of which holds a range of the shards.</summary>
    /// <param name="databases">The databases, with ranges that hold each shard once.</param>
    public SavepointBuilder UsePostgres(IReadOnlyList<(ShardRange Shards, PostgresStoreOptions Options)> databases)
    {
        // The first of them also says which node owns what.
        Services.TryAddSingleton<ILeaseStore>(_ => new PostgresLeaseStore(databases[0].Options));
        Services.TryAddSingleton(provider => new ShardDatabases(
            databases.Select(database => new ShardDatabase(database.Shards, new PostgresStore(database.Options, provider.GetRequiredService<TimeProvider>()))),
            provider.GetRequiredService<EngineOptions>().ShardCount));
        return this;
    }

    private SavepointBuilder Use(Func<IServiceProvider, IStore> store)
    {
        Services.TryAddSingleton(store);
        Services.TryAddSingleton(provider => ShardDatabases.One(provider.GetRequiredService<IStore>(), provider.GetRequiredService<EngineOptions>().ShardCount));
        return this;
    }
}
