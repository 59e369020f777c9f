using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Storage.Conformance.Faults;

/// <summary>With no fault ordered, a store behind faults is as the store itself.</summary>
public sealed class FaultyTestDatabase : ITestDatabase
{
    private readonly MemoryDatabase _database = new();

    public IStore NewStore() => new FaultyStore(new MemoryStore(_database), new StoreFaults());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class FaultyJournalTests() : JournalTests(new FaultyTestDatabase());

public sealed class FaultyEntityTests() : EntityTests(new FaultyTestDatabase());

public sealed class FaultySnapshotTests() : SnapshotTests(new FaultyTestDatabase());

public sealed class FaultyShardTests() : ShardTests(new FaultyTestDatabase());

public sealed class FaultyDeadLetterTests() : DeadLetterTests(new FaultyTestDatabase());

public sealed class FaultyLedgerTests() : LedgerTests(new FaultyTestDatabase());

public sealed class FaultyOpeningTests() : OpeningTests(new FaultyTestDatabase());
