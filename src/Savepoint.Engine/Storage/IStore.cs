namespace Savepoint.Engine.Storage;

/// <summary>One database: journals, entities and dead letters. Calls may come from several threads at once.</summary>
public interface IStore : IJournalStore, IEntityStore, ILedgerStore, IDeadLetterStore, IAsyncDisposable
{
    /// <summary>
    /// Opens the database; creates it or brings its schema up to date first. Called before all else, and again only when it did not succeed.
    /// </summary>
    /// <param name="options">What it has to be, and what a new database is made with.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>What it is; null when there is no database yet and none may be made: then it is not open, and nothing was changed.</returns>
    /// <exception cref="StoreException">
    /// It can't be opened: locked by another process, made by a newer version, for other shards or as a part of another whole, or unsafe. Nothing was changed.
    /// </exception>
    ValueTask<StoreIdentity?> OpenAsync(StoreOpenOptions options, CancellationToken cancellationToken);

    /// <summary>Succeeds when the database answers and can be written to. For health checks.</summary>
    /// <exception cref="StoreException">It can't.</exception>
    ValueTask CheckAsync(CancellationToken cancellationToken);
}
