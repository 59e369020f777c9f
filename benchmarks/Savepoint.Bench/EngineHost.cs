using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;
using Savepoint.Storage.Postgres;
using Savepoint.Storage.Sqlite;

namespace Savepoint.Bench;

/// <summary>An engine in this process, over the store that was asked for, in a folder that goes in the end.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    private readonly string _folder;
    private readonly MemoryDatabase _memory = new(keepJournal: false);
    private readonly string _store;
    public EngineHost(string store, string folder) => (_store, _folder) = (store, folder);

    public StateEngine Engine { get; private set; } = null!;

    /// <summary>The PostgreSQL that the store is in; null for other stores.</summary>
    public PrivatePostgres? Postgres { get; private set; }

    public static async Task<EngineHost> StartAsync(string store, EngineOptions? options = null)
    {
        var host = new EngineHost(store, Path.Combine(Path.GetTempPath(), $"savepoint-bench-{Environment.ProcessId}"));
        Directory.CreateDirectory(host._folder);
        host.Postgres = await PrivatePostgres.StartForAsync(store);
        await host.RestartAsync(options);
        return host;
    }

    /// <summary>Starts a new engine over the same database.</summary>
    /// <returns>How long the start took.</returns>
    public async Task<TimeSpan> RestartAsync(EngineOptions? options = null)
    {
        Engine = new StateEngine(
            OpenStore(), new KindRegistry([new Kind { Name = "account" }]), options ?? new EngineOptions(), TimeProvider.System, new Random(1));
        var started = TimeProvider.System.GetTimestamp();
        await Engine.StartAsync(CancellationToken.None);
        return TimeProvider.System.GetElapsedTime(started);
    }

    public IStore OpenStore() => _store switch
    {
        "memory" => new MemoryStore(_memory),
        "sqlite" => new SqliteStore(new SqliteStoreOptions { Path = Path.Combine(_folder, "savepoint.db") }),
        "postgres" when Postgres is not null => new PostgresStore(new PostgresStoreOptions { ConnectionString = Postgres.ConnectionString }, TimeProvider.System),
        _ => throw new ArgumentException($"There is no store '{_store}': use memory, sqlite or postgres."),
    };

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        if (Postgres is not null)
            await Postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
