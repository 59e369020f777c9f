using Savepoint.Engine.Storage;
using Savepoint.Storage.Sqlite;

namespace Savepoint.Storage.Conformance.Sqlite;

public sealed class SqliteTestDatabase : ITestDatabase
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("savepoint-sqlite-");

    public string Path => System.IO.Path.Combine(_folder.FullName, "made", "on", "demand", "savepoint.db");

    public IStore NewStore() => NewStore(new SqliteStoreOptions { Path = Path });

    public SqliteStore NewStore(SqliteStoreOptions options) => new(options);

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}

public sealed class SqliteJournalTests() : JournalTests(new SqliteTestDatabase());

public sealed class SqliteEntityTests() : EntityTests(new SqliteTestDatabase());

public sealed class SqliteSnapshotTests() : SnapshotTests(new SqliteTestDatabase());

public sealed class SqliteShardTests() : ShardTests(new SqliteTestDatabase());

public sealed class SqliteDeadLetterTests() : DeadLetterTests(new SqliteTestDatabase());

public sealed class SqliteLedgerTests() : LedgerTests(new SqliteTestDatabase());

public sealed class SqliteOpeningTests() : OpeningTests(new SqliteTestDatabase());
