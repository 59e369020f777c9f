using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;

namespace Savepoint.Storage.Conformance.Memory;

public sealed class MemoryTestDatabase : ITestDatabase
{
    private readonly MemoryDatabase _database = new();

    public IStore NewStore() => new MemoryStore(_database);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class MemoryJournalTests() : JournalTests(new MemoryTestDatabase());

public sealed class MemoryEntityTests() : EntityTests(new MemoryTestDatabase());

public sealed class MemorySnapshotTests() : SnapshotTests(new MemoryTestDatabase());

public sealed class MemoryShardTests() : ShardTests(new MemoryTestDatabase());

public sealed class MemoryDeadLetterTests() : DeadLetterTests(new MemoryTestDatabase());

public sealed class MemoryLedgerTests() : LedgerTests(new MemoryTestDatabase());

public sealed class MemoryOpeningTests() : OpeningTests(new MemoryTestDatabase());
