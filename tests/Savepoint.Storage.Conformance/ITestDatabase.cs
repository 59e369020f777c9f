using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Conformance;

/// <summary>An empty database of one kind of store, made for one test.</summary>
public interface ITestDatabase : IAsyncDisposable
{
    /// <summary>Makes the database, where opening the first store does not. Called once, before all else.</summary>
    ValueTask CreateAsync() => ValueTask.CompletedTask;

    /// <summary>A store over the database, not yet opened. The stores of one database are processes that come after each other.</summary>
    IStore NewStore();
}
