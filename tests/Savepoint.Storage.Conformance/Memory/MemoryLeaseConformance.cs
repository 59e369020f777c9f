using Savepoint.Cluster;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Storage.Conformance.Memory;

public sealed class MemoryLeaseDatabase : ILeaseDatabase
{
    private MemoryLeases _leases = null!;

    public ValueTask CreateAsync(int shards)
    {
        _leases = new MemoryLeases(shards, new VirtualTime());
        return ValueTask.CompletedTask;
    }

    public ILeaseStore NewStore() => new MemoryLeaseStore(_leases);

    public ValueTask UntilAllAreGoneAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class MemoryLeaseTests() : LeaseTests(new MemoryLeaseDatabase());

public sealed class MemoryMembershipTests() : MembershipTests(new MemoryLeaseDatabase());
