namespace Savepoint.Engine.Storage;

/// <summary>One database: journals, entities and dead letters. Calls may come from several threads at once.</summary>
public interface IStore : IJournalStore, IEntityStore, IDeadLetterStore, IAsyncDisposable
{
    /// <summary>
    /// Opens the database; creates it or brings its schema up to date first. Called once, before all else.
    /// </summary>
    /// <param name="options">What a new database is made with.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="StoreException">It can't be opened: locked by another process, made by a newer version, made with another shard count, or unsafe.</exception>
    ValueTask<StoreIdentity> OpenAsync(StoreOpenOptions options, CancellationToken cancellationToken);

    /// <summary>Succeeds when the database answers and can be written to. For health checks.</summary>
    /// <exception cref="StoreException">It can't.</exception>
    ValueTask CheckAsync(CancellationToken cancellationToken);
}

/// <summary>What a new database is made with.</summary>
/// <param name="ShardCount">The number of shards, fixed for the life of the database.</param>
/// <param name="NewDatabaseId">The identity that a new database gets.</param>
/// <param name="Now">The present time.</param>
public sealed record StoreOpenOptions(int ShardCount, Guid NewDatabaseId, DateTimeOffset Now);

/// <summary>What an open database says of itself.</summary>
/// <param name="DatabaseId">Its identity; session numbers and watch positions hold only within it.</param>
/// <param name="ShardCount">The number of shards that it was made with.</param>
public sealed record StoreIdentity(Guid DatabaseId, int ShardCount);
