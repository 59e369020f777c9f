using Savepoint.Cluster;

namespace Savepoint.Storage.Conformance;

/// <summary>The cluster's tables in an empty database of one kind, made for one test.</summary>
public interface ILeaseDatabase : IAsyncDisposable
{
    /// <summary>Makes the tables.</summary>
    ValueTask CreateAsync(int shards);

    /// <summary>The connection of another node.</summary>
    ILeaseStore NewStore();

    /// <summary>Waits until the database knows that all connections are closed, which it learns a moment later: until then it keeps their locks.</summary>
    ValueTask UntilAllAreGoneAsync();
}
