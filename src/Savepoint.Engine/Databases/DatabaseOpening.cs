using Savepoint.Engine.Ownership;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Databases;

/// <summary>
/// Opens the databases, and sees that they are the parts of one whole:
/// 1. look at each, without making any: those that are there have to hold the shards that they are configured for, and one identity;
/// 2. if some are not there yet, make them, unless the others have been in use: then one was lost, or the wrong one is configured, and an empty one in its
///    place would be as if its players had never been. The first that is made decides the identity of all;
/// 3. those that can't be reached are opened later, while the shards of the others are served.
/// Nothing of any shard is touched before all databases have been made; so a shard that was ever claimed tells that they were.
/// </summary>
internal sealed class DatabaseOpening(EngineContext context, ShardOwnership ownership)
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(5);

    private readonly Dictionary<Database, StoreException> _failures = [];
    private bool _takesAll;

    /// <summary>The identity of the whole; empty before anything is open.</summary>
    public Guid DatabaseId { get; private set; }

    private bool IsOnly => context.Databases.Length == 1;

    /// <summary>Opens all databases, or some and leaves the others for later.</summary>
    /// <exception cref="StoreException">None can be opened, or one never can.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (IsOnly)
        {
            await OpenAsync(context.Databases[0], context.NewGuid(), cancellationToken);
            return;
        }

        var missing = new List<Database>();
        foreach (var database in context.Databases)
        {
            try
            {
                if (!await OpenAsync(database, newId: null, cancellationToken))
                    missing.Add(database);
            }
            catch (StoreException failure)
            {
                _failures.Add(database, failure);
                database.StoreFailure = failure.Message;
            }
        }

        var isNoneOpen = missing.Count + _failures.Count == context.Databases.Length;
        foreach (var (database, failure) in _failures)
        {
            if (missing.Count > 0 || isNoneOpen || !failure.IsTransient)
                throw Named(database, failure);
        }

        if (missing.Count > 0)
            await MakeAsync(missing, cancellationToken);
    }

    /// <summary>Takes all shards of the databases that are open; the others follow.</summary>
    /// <exception cref="StoreException">The store failed: none can be recovered.</exception>
    public async Task TakeAllAsync(CancellationToken cancellationToken)
    {
        _takesAll = true;
        await Task.WhenAll(context.Databases.Where(database => database.IsOpen).Select(database => TakeAllAsync(database, cancellationToken)));
        if (_failures.Count == context.Databases.Length)
            throw IsOnly ? _failures[context.Databases[0]] : Named(context.Databases[0], _failures[context.Databases[0]]);
        foreach (var (database, failure) in _failures)
            SetAside(database, failure);
    }

    /// <summary>Opens those that could not be opened at the start, and takes their shards where all are to be taken, until all are.</summary>
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(_failures.Keys.Select(database => OpenLateAsync(database, stopping)).ToList());

    private async Task TakeAllAsync(Database database, CancellationToken cancellationToken)
    {
        try
        {
            await ownership.TakeAllAsync(database, cancellationToken);
        }
        catch (StoreException failure)
        {
            lock (_failures)
                _failures.Add(database, failure);
        }
    }

    private async Task MakeAsync(List<Database> missing, CancellationToken cancellationToken)
    {
        if (await FindUsedAsync(cancellationToken) is { } used)
        {
            // Another node may have made them since they were looked at.
            foreach (var database in missing)
            {
                if (!await OpenAsync(database, newId: null, cancellationToken))
                    throw new StoreException(
                        $"There is nothing in the database for the shards {database.Range}, although the one for the shards {used.Range} has been in use. Is the connection string right? If the database was lost, restore it.",
                        WriteOutcome.NotApplied,
                        isTransient: false);
            }

            return;
        }

        foreach (var database in missing)
            await OpenAsync(database, DatabaseId == Guid.Empty ? context.NewGuid() : DatabaseId, cancellationToken);
    }

    private async Task<Database?> FindUsedAsync(CancellationToken cancellationToken)
    {
        foreach (var shard in context.Shards)
        {
            if (shard.Database.IsOpen && (await shard.Store.ReadShardAsync(shard.Index, cancellationToken)).Epoch > 0)
                return shard.Database;
        }

        return null;
    }

    /// <returns>False when there is none yet and none may be made.</returns>
    private async Task<bool> OpenAsync(Database database, Guid? newId, CancellationToken cancellationToken)
    {
        var options = new StoreOpenOptions(context.Options.ShardCount, newId, context.Time.GetUtcNow())
        {
            DatabaseId = DatabaseId == Guid.Empty ? null : DatabaseId,
            Shards = database.Range,
            Layout = context.Layout,
        };
        if (await database.Store.OpenAsync(options, cancellationToken) is not { } identity)
            return false;
        DatabaseId = identity.DatabaseId;
        database.IsOpen = true;
        return true;
    }

    private async Task OpenLateAsync(Database database, CancellationToken stopping)
    {
        try
        {
            for (var backoff = FirstBackoff; !await TryOpenLateAsync(database, stopping); backoff = backoff * 2 < MaxBackoff ? backoff * 2 : MaxBackoff)
                await Task.Delay(context.Jitter(backoff), context.Time, stopping);
        }
        catch (OperationCanceledException)
        {
            // It stays closed.
        }
    }

    /// <returns>Whether it is open now, and its shards are taken or can't be.</returns>
    private async Task<bool> TryOpenLateAsync(Database database, CancellationToken stopping)
    {
        try
        {
            if (!database.IsOpen && !await OpenAsync(database, newId: null, stopping))
                throw new StoreException($"There is nothing in the database for the shards {database.Range}.", WriteOutcome.NotApplied, isTransient: false);
            database.StoreFailure = null;
            if (!_takesAll)
                return true;

            if (await ownership.FindLostAsync(stopping) is not null)
            {
                // Another process has started since, and takes this database's shards too.
                SetAside(database, ShardService.Lost);
                return true;
            }

            var taken = await ownership.TakeAsync(Enumerable.Range(database.Range.First, database.Range.Count), stopping);
            if (taken.FirstOrDefault(shard => shard.Outcome == TakeOutcome.StoreFailed) is { } failed)
                throw new StoreException(failed.Reason!, WriteOutcome.NotApplied, isTransient: true);
            return true;
        }
        catch (StoreException failure)
        {
            SetAside(database, failure);
            return false;
        }
    }

    /// <summary>What could not be opened or recovered is refused with the reason, and tried again.</summary>
    private void SetAside(Database database, StoreException failure)
    {
        database.StoreFailure = failure.Message;
        if (_takesAll)
            SetAside(database, ShardService.Failed($"the database for the shards {database.Range} can't be used: {failure.Message}"));
    }

    private static void SetAside(Database database, ShardService service)
    {
        foreach (var shard in database.Shards)
        {
            lock (shard.Gate)
            {
                if (!shard.Service.IsHeld && shard.Service.Phase != ShardPhase.Lost)
                    shard.Close(service);
            }
        }
    }

    private static StoreException Named(Database database, StoreException failure) =>
        new($"The database for the shards {database.Range}: {failure.Message}", failure.Outcome, failure.IsTransient, failure);
}
