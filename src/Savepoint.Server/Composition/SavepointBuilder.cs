using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Cluster;
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
    public SavepointBuilder UseSqlite(SqliteStoreOptions options)
    {
        Services.TryAddSingleton<IStore>(_ => new SqliteStore(options));
        return this;
    }

    /// <summary>Keeps the state in a PostgreSQL database.</summary>
    public SavepointBuilder UsePostgres(PostgresStoreOptions options)
    {
        Services.TryAddSingleton<IStore>(provider => new PostgresStore(options, provider.GetRequiredService<TimeProvider>()));
        Services.TryAddSingleton<ILeaseStore>(_ => new PostgresLeaseStore(options));
        return this;
    }

    /// <summary>Keeps the state in memory, where it ends with the process. For benchmarks and development.</summary>
    public SavepointBuilder UseMemory()
    {
        Services.TryAddSingleton<IStore>(_ => new MemoryStore(new MemoryDatabase()));
        return this;
    }
}
