using Savepoint.Cluster;

namespace Savepoint.Storage.Conformance;

/// <summary>The cluster's tables in an empty database of one kind, made for one test.</summary>
public interface ILeaseDatabase : IAsyncDisposable
{
    /// <summary>Makes the tables.</summary>
    ValueTask CreateAsync(int shards);

    /// <summary>The connection of another node.</summary>
    ILeaseStore NewStore();
}
