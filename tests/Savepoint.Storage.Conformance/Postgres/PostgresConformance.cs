using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;
using Savepoint.Testing;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>A database of its own in the shared server.</summary>
public sealed class PostgresTestDatabase : ITestDatabase
{
    private static int _count;

    private readonly string _name = $"test_{Interlocked.Increment(ref _count)}";

    public PostgresServer Server { get; private set; } = null!;

    public async ValueTask CreateAsync()
    {
        Server = await SharedPostgres.GetAsync();
        await Server.CreateDatabaseAsync(_name, TestContext.Current.CancellationToken);
    }

    // A machine whose disk stands still for a while, under several databases that are made at once, is no fault of the store.
    public IStore NewStore() => NewStore(new PostgresStoreOptions { ConnectionString = ConnectionString(), ConnectTimeout = TimeSpan.FromSeconds(30) });

    public PostgresStore NewStore(PostgresStoreOptions options) => new(options, TimeProvider.System);

    public string ConnectionString(int? port = null) => Server.ConnectionString(_name, port);

    /// <summary>Runs SQL beside the store, as a person would with <c>psql</c>.</summary>
    public Task<string> RunAsync(string sql) => Server.RunAsync(_name, sql, TestContext.Current.CancellationToken);

    // It goes with the server: dropping it would flush everything that the server has in memory, for each test.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class PostgresJournalTests() : JournalTests(new PostgresTestDatabase());

public sealed class PostgresEntityTests() : EntityTests(new PostgresTestDatabase());

public sealed class PostgresSnapshotTests() : SnapshotTests(new PostgresTestDatabase());

public sealed class PostgresShardTests() : ShardTests(new PostgresTestDatabase());

public sealed class PostgresDeadLetterTests() : DeadLetterTests(new PostgresTestDatabase());

public sealed class PostgresLedgerTests() : LedgerTests(new PostgresTestDatabase());

public sealed class PostgresOpeningTests() : OpeningTests(new PostgresTestDatabase());
