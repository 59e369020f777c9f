using Savepoint.Engine.Checkpoints;
using Savepoint.Engine.Commits;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Maintenance;
using Savepoint.Engine.Ownership;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Requests;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Spanning;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine;

/// <summary>
/// The state of all entities, in memory and in the journals of its databases. All methods may be called from several threads at once, and none of
/// them throws for a request that is merely wrong: the answer says so.
/// </summary>
public sealed class StateEngine : IStateEngine, IAsyncDisposable
{
    private readonly EngineContext _context;
    private readonly EngineGauges _gauges;
    private readonly EngineMetrics _metrics;
    private readonly RequestDesk _requests;
    private readonly Sweeper _sweeper;
    private readonly ShardOwnership _ownership;
    private readonly DatabaseOpening _opening;
    private readonly EngineLoops _loops;

    /// <summary>Makes an engine on one database; <see cref="StartAsync"/> brings it up. It takes over the store, and closes it in the end.</summary>
    /// <param name="store">The database.</param>
    /// <param name="kinds">All kinds of entities.</param>
    /// <param name="options">Limits and intervals.</param>
    /// <param name="time">The only clock that it looks at.</param>
    /// <param name="random">The only source of randomness; the engine's alone from now on.</param>
    /// <param name="publisher">Where committed changes are published; null for nowhere.</param>
    /// <param name="peers">Reaches the owners of other shards, for units over several nodes; null where there are none: such units are refused then.</param>
    public StateEngine(
        IStore store, KindRegistry kinds, EngineOptions options, TimeProvider time, Random random, IPublisher? publisher = null, IShardPeers? peers = null)
        : this(ShardDatabases.One(store, options.ShardCount), kinds, options, time, random, publisher, peers)
    {
    }

    /// <summary>
    /// Makes an engine on several databases, each of which holds a range of the shards. While one is down, slow or full, only its shards are.
    /// </summary>
    /// <param name="databases">The databases; the engine takes over their stores.</param>
    /// <param name="kinds">All kinds of entities.</param>
    /// <param name="options">Limits and intervals; what waits for a database is limited for each.</param>
    /// <param name="time">The only clock that it looks at.</param>
    /// <param name="random">The only source of randomness; the engine's alone from now on.</param>
    /// <param name="publisher">Where committed changes are published; null for nowhere.</param>
    /// <param name="peers">Reaches the owners of other shards, for units over several nodes; null where there are none: such units are refused then.</param>
    public StateEngine(
        ShardDatabases databases, KindRegistry kinds, EngineOptions options, TimeProvider time, Random random, IPublisher? publisher = null, IShardPeers? peers = null)
    {
        _context = new EngineContext(databases, kinds, options, time, random, publisher is not null);
        _metrics = new EngineMetrics(Snapshot);
        var watches = new WatchDesk(_context);
        _context.Preparer = new EntityPreparer(_context, watches);
        var sessions = new SessionDesk(_context, watches);
        var recorder = new MutationRecorder(sessions);
        _requests = new RequestDesk(_context, sessions, watches, recorder, peers);
        _gauges = new EngineGauges(_context, _requests.Coordinator);
        _sweeper = new Sweeper(_context, _requests.Loader, sessions, recorder);
        var closing = new ShardClosing(_context, watches);
        var checkpointers = Array.ConvertAll(_context.Databases, database => new Checkpointer(_context, database, _metrics, _requests.Loader, closing));
        var handOvers = Array.ConvertAll(checkpointers, checkpointer => new HandOver(_context, _requests.Loader, _sweeper, checkpointer, closing));
        _ownership = new ShardOwnership(_context, sessions, _requests.Loader, handOvers, closing);
        _opening = new DatabaseOpening(_context, _ownership);
        var units = new UnitLoop(_context, _requests.Owners, _requests.Coordinator);
        _loops = new EngineLoops(_context, Array.ConvertAll(_context.Databases, LoopsOf), _sweeper, units, _opening);

        DatabaseLoops LoopsOf(Database database) => new(
            database,
            new Committer(_context, database, new FailedCommit(_context, database, watches), _metrics),
            checkpointers[database.Index],
            new Retention(_context, database),
            new StoreProbe(_context, database),
            _requests.Loader,
            publisher is null ? null : new RelayLoop(_context, database, publisher, _metrics));
    }

    /// <summary>The identity of the database, or of the whole that several databases are parts of; empty before the start.</summary>
    public Guid DatabaseId => _opening.DatabaseId;

    /// <summary>
    /// Whether the holders of sessions are part of this process, so that the sessions of an earlier one end when their entities are next used, and not with
    /// their lease. For an engine on one database that takes all shards. The default value is false.
    /// </summary>
    public bool HoldersEndWithProcess
    {
        init => _context.HoldersEndWithProcess = value;
    }

    /// <summary>A moment's view of what the engine holds and does.</summary>
    public EngineSnapshot Snapshot() => _gauges.Read();

    /// <summary>
    /// Opens the store, takes all shards, replays the journal behind the last checkpoint, and begins to serve. Of several databases, one that fails for a
    /// passing reason is left for later: its shards are listed as failed until they are served.
    /// </summary>
    /// <exception cref="StoreException">The database, or all of several, can't be opened or read; or one was made for something else.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => OpenAsync(_opening.TakeAllAsync, cancellationToken);

    /// <summary>Opens the store and begins to serve no shard, as a node of a cluster: <see cref="TakeShardsAsync"/> takes them.</summary>
    /// <exception cref="StoreException">The database, or all of several, can't be opened; or one was made for something else.</exception>
    public Task StartWithoutShardsAsync(CancellationToken cancellationToken) => OpenAsync(_ => Task.CompletedTask, cancellationToken);

    private async Task OpenAsync(Func<CancellationToken, Task> take, CancellationToken cancellationToken)
    {
        await _opening.OpenAsync(cancellationToken);
        await take(cancellationToken);
        _context.Refresh();
        _context.ServingSince = _context.Now;
        _loops.Start();
        _context.IsServing = true;
    }

    /// <summary>
    /// Takes shards over from whoever owns them, and serves each as soon as it is recovered; others are served meanwhile. A former owner that still runs
    /// can't commit or checkpoint any more from then on, and finds that out when it tries.
    /// </summary>
    /// <param name="shards">The shards; one that is served already stays so, unless it turns out to be another's.</param>
    /// <param name="cancellationToken">Cancels the taking; what is served by then stays so.</param>
    /// <returns>What came of each, by shard.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled, or the engine stops.</exception>
    public async Task<IReadOnlyList<TakenShard>> TakeShardsAsync(IReadOnlyCollection<int> shards, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shards);
        return _context.IsServing
            ? await _ownership.TakeAsync(shards, cancellationToken)
            : [.. shards.Select(shard => new TakenShard(shard, TakeOutcome.Busy, "the engine does not serve"))];
    }

    /// <summary>
    /// Gives shards up in good order, so that their next owner has nothing to replay: requests get <see cref="RefusalCode.NotOwner"/>, what was queued is
    /// committed and answered, everything is checkpointed, and watchers and holders of sessions are told that they are lost; their sessions go on, and can be
    /// resumed at the next owner. Where the store fails, each half ends after <see cref="EngineOptions.ReleaseLimit"/>: the journal has all that was
    /// acknowledged, and what is on its way to it then is answered as it ends. One that was lost, or could not be served, is not listed as such any more.
    /// </summary>
    /// <param name="shards">The shards; one that is not served is left out.</param>
    /// <param name="cancellationToken">Ends it at once: what is not checkpointed by then is for the next owner to replay.</param>
    /// <returns>The shards that were given up.</returns>
    public async Task<IReadOnlyList<ReleasedShard>> ReleaseShardsAsync(IReadOnlyCollection<int> shards, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shards);
        return _context.IsServing ? await _ownership.ReleaseAsync(shards, cancellationToken) : [];
    }

    /// <summary>
    /// Stops serving shards at once, since another process owns them: what is not committed is refused or fails. One that is being taken will not be
    /// served.
    /// </summary>
    public void DropShards(IReadOnlyCollection<int> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        _ownership.Drop(shards);
    }

    /// <summary>
    /// Lets the lease last until a time after a moment. While it is over, requests are refused as <see cref="RefusalCode.Unavailable"/> and no commit is
    /// started. Without a call there is no end; later calls never shorten it. Shards that another process has taken are to be dropped before.
    /// </summary>
    /// <param name="sentAt">A timestamp of the engine's clock: when the renewal that succeeded was sent.</param>
    /// <param name="duration">How long it lasts from then on.</param>
    public void ExtendLease(long sentAt, TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        _context.Lease.Extend(sentAt, duration);
    }

    /// <summary>
    /// Refuses new requests, commits what is queued, checkpoints everything, and closes the store. Nothing is lost; when it is cancelled, what was
    /// acknowledged is in the journal all the same.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_context.IsServing)
            return;
        _context.IsServing = false;
        await _ownership.StopAsync();
        await _requests.Coordinator.StopAsync();
        _sweeper.JournalOverlays();
        foreach (var shard in _context.Shards)
        {
            var waiting = new List<object>();
            lock (shard.Gate)
            {
                SessionLine.EndAll(shard, new Refusal(RefusalCode.ShuttingDown));
                shard.Units.Held.TakeAll(waiting);
            }

            foreach (var waiter in waiting)
                _context.Refuse(waiter, new Refusal(RefusalCode.ShuttingDown));
        }

        try
        {
            await _loops.StopAsync(cancellationToken);
        }
        finally
        {
            _requests.Loader.EndAllWaits();
            foreach (var shard in _context.Shards)
            {
                lock (shard.Gate)
                    shard.TellAll(UnloadReason.Stopped);
            }

            foreach (var database in _context.Databases)
                await database.Store.DisposeAsync();
        }
    }

    /// <summary>Submits a unit; its <see cref="Unit.Completed"/> gets the outcome.</summary>
    public void Submit(Unit unit) => _requests.Submit(unit);

    /// <summary>
    /// Answers another node's step of a unit over several nodes, which its <see cref="IShardPeers"/> has brought here. Whether the node may ask is for the
    /// caller to know.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the wait; the step may take effect all the same.</param>
    /// <returns>The answer, also to what can't be done.</returns>
    public ValueTask<ReadOnlyMemory<byte>> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken) =>
        _requests.Owners.AnswerAsync(request, cancellationToken);

    /// <summary>
    /// Reads an entity, lists its versions, or lists the entities of a kind; <see cref="EntityReading.Completed"/>, <see cref="VersionListing.Completed"/> or
    /// <see cref="EntityScan.Completed"/> gets what was found.
    /// </summary>
    public void Read(EntityLookup lookup) => _requests.Read(lookup);

    /// <summary>
    /// Reads the economy ledger, of all databases that are open, up to their last checkpoints. Any node of a cluster reads all of it.
    /// </summary>
    /// <param name="query">Which sums.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The sums by day, kind, path and reason, in this order.</returns>
    /// <exception cref="Storage.StoreException">A database can't be read.</exception>
    public async ValueTask<IReadOnlyList<Storage.LedgerRow>> ReadLedgerAsync(Storage.LedgerQuery query, CancellationToken cancellationToken)
    {
        var rows = new List<Storage.LedgerRow>();
        foreach (var database in _context.Databases)
        {
            if (database.IsOpen)
                rows.AddRange(await database.Store.QueryLedgerAsync(query, cancellationToken));
        }

        return Economy.LedgerPages.Merge(rows, query.Limit);
    }

    /// <summary>Starts watching.</summary>
    public void Watch(Watcher watcher) => _requests.Watch(watcher);

    /// <summary>Stops watching. A change that is on its way may still arrive.</summary>
    public void Unwatch(Watcher watcher) => _requests.Unwatch(watcher);

    /// <summary>Opens or resumes a session; <see cref="SessionHolder.OnOpened"/> gets the outcome.</summary>
    public void OpenSession(SessionHolder holder) => _requests.OpenSession(holder);

    /// <summary>The holder's connection is gone: its session, if it has one, ends when the lease runs out, unless it is resumed. A waiting one is withdrawn.</summary>
    public void Disconnect(SessionHolder holder) => _requests.Disconnect(holder);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _ownership.Dispose();
        _requests.Coordinator.Dispose();
        _metrics.Dispose();
    }

    /// <summary>
    /// Takes the engine's instruments down and nothing else, when the process that a simulator ran it in has died: they would keep all of it in memory. No
    /// code of the engine may run any more.
    /// </summary>
    public void Abandon() => _metrics.Dispose();

    internal int ShardCount => _context.Shards.Length;

    /// <summary>The shard of an entity; -1 when no entity can be named so.</summary>
    internal int ShardOf(in EntityKey key) => _requests.ShardOf(key);

    /// <summary>The shard that a lookup looks at; -1 when there is none such.</summary>
    internal int ShardOf(EntityLookup lookup) =>
        lookup.LookedAt is not { } shard ? ShardOf(lookup.Key) : (uint)shard < (uint)ShardCount ? shard : -1;

    /// <summary>What requests for a shard get now; null when they are taken.</summary>
    internal Refusal? RefusalOf(int shard) => _context.ServingRefusal(_context.Shards[shard]);
}
