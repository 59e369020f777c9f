using Savepoint.Engine.Checkpoints;
using Savepoint.Engine.Commits;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Maintenance;
using Savepoint.Engine.Ownership;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Recovery;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine;

/// <summary>
/// The state of all entities of one database, in memory and in its journal. All methods may be called from several threads at once, and none of
/// them throws for a request that is merely wrong: the answer says so.
/// </summary>
public sealed class StateEngine : IStateEngine, IAsyncDisposable
{
    private readonly EngineContext _context;
    private readonly EngineMetrics _metrics;
    private readonly EntityLoader _loader;
    private readonly SessionDesk _sessions;
    private readonly WatchDesk _watches;
    private readonly ReadDesk _reads;
    private readonly UnitExecutor _units;
    private readonly Committer _committer;
    private readonly Checkpointer _checkpointer;
    private readonly Sweeper _sweeper;
    private readonly Retention _retention;
    private readonly RelayLoop? _relay;
    private readonly ShardOwnership _ownership;
    private readonly EngineLoops _loops;

    /// <summary>Makes an engine; <see cref="StartAsync"/> brings it up. It takes over the store, and closes it in the end.</summary>
    /// <param name="store">The database.</param>
    /// <param name="kinds">All kinds of entities.</param>
    /// <param name="options">Limits and intervals.</param>
    /// <param name="time">The only clock that it looks at.</param>
    /// <param name="random">The only source of randomness; the engine's alone from now on.</param>
    /// <param name="publisher">Where committed changes are published; null for nowhere.</param>
    public StateEngine(IStore store, KindRegistry kinds, EngineOptions options, TimeProvider time, Random random, IPublisher? publisher = null)
    {
        _context = new EngineContext(store, kinds, options, time, random);
        _metrics = new EngineMetrics(Snapshot);
        _watches = new WatchDesk(_context);
        _sessions = new SessionDesk(_context, _watches);
        _loader = new EntityLoader(_context, _sessions) { Resume = Resume, Refuse = Refuse };
        _reads = new ReadDesk(new VersionHistory(_context));
        var recorder = new MutationRecorder(_context, _sessions);
        _units = new UnitExecutor(_context, new MutationPlanner(_context), recorder, _loader, Read);
        var closing = new ShardClosing(_context, _watches);
        var feed = new CommittedFeed(publisher is not null);
        _committer = new Committer(_context, new FailedCommit(_context, _watches), _metrics, feed);
        _checkpointer = new Checkpointer(_context, _metrics, _loader, closing);
        _sweeper = new Sweeper(_context, _loader, _sessions, recorder);
        _retention = new Retention(_context, publisher is not null);
        _relay = publisher is null ? null : new RelayLoop(_context, publisher, feed, _metrics);
        var handOver = new HandOver(_context, _loader, _sweeper, _checkpointer, feed, closing);
        _ownership = new ShardOwnership(_context, _sessions, _loader, feed, handOver, closing);
        _loops = new EngineLoops(_context, _committer, _checkpointer, _sweeper, _retention, _loader, _relay);
    }

    /// <summary>The database's identity; empty before the start.</summary>
    public Guid DatabaseId { get; private set; }

    /// <summary>A moment's view of what the engine holds and does.</summary>
    public EngineSnapshot Snapshot()
    {
        var failed = new Dictionary<int, string>();
        long unpublished = 0;
        var isBehind = false;
        var served = new List<int>();
        foreach (var shard in _context.Shards)
        {
            lock (shard.Gate)
            {
                if (shard.Service.Trouble is { } trouble)
                    failed[shard.Index] = trouble;
                else if (_relay is not null && shard.Service.IsHeld)
                    unpublished += shard.CommittedSequence - shard.PublishedSequence;
                if (shard.Service.Refusal is null)
                    served.Add(shard.Index);
                isBehind |= shard.Dirty.Count > 0;
            }
        }

        var counters = _context.Counters;
        return new EngineSnapshot
        {
            IsReady = _context.IsServing,
            ResidentEntities = counters.Resident,
            Sessions = counters.Sessions,
            Watchers = counters.Watchers,
            QueuedUnits = counters.QueuedUnits,
            QueuedBytes = counters.QueuedBytes,
            UncheckpointedRecords = counters.Uncheckpointed,
            CheckpointLag = isBehind ? TimeSpan.FromTicks(Math.Max(0, _context.Now - _checkpointer.StoredUpTo)) : TimeSpan.Zero,
            UnpublishedRecords = unpublished,
            HeldBackShards = _context.HeldBackShards,
            StoreFailure = _context.StoreFailure,
            Fault = _context.Fault,
            FailedShards = failed,
            ServedShards = served,
        };
    }

    /// <summary>Opens the store, takes all shards, replays the journal behind the last checkpoint, and begins to serve.</summary>
    /// <exception cref="StoreException">The database can't be opened or read.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => OpenAsync(_ownership.TakeAllAsync, cancellationToken);

    /// <summary>Opens the store and begins to serve no shard, as a node of a cluster: <see cref="TakeShardsAsync"/> takes them.</summary>
    /// <exception cref="StoreException">The database can't be opened.</exception>
    public Task StartWithoutShardsAsync(CancellationToken cancellationToken) => OpenAsync(_ => Task.CompletedTask, cancellationToken);

    private async Task OpenAsync(Func<CancellationToken, Task> take, CancellationToken cancellationToken)
    {
        var identity = await _context.Store.OpenAsync(
            new StoreOpenOptions(_context.Options.ShardCount, _context.NewGuid(), _context.Time.GetUtcNow()), cancellationToken);
        DatabaseId = identity.DatabaseId;
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
        _sweeper.JournalOverlays();
        foreach (var shard in _context.Shards)
        {
            lock (shard.Gate)
                SessionLine.EndAll(shard, new Refusal(RefusalCode.ShuttingDown));
        }

        try
        {
            await _loops.StopAsync(cancellationToken);
        }
        finally
        {
            _loader.EndAllWaits();
            await _context.Store.DisposeAsync();
        }
    }

    /// <summary>Submits a unit; its <see cref="Unit.Completed"/> gets the outcome.</summary>
    public void Submit(Unit unit) => _units.Submit(unit);

    /// <summary>
    /// Reads an entity, or lists its versions; <see cref="EntityReading.Completed"/> or <see cref="VersionListing.Completed"/> gets what was found.
    /// </summary>
    public void Read(EntityLookup lookup)
    {
        if (FindShard(lookup.Key, out var shard) is { } refusal)
        {
            ReadDesk.Refuse(lookup, refusal);
            return;
        }

        while (!_reads.TryRead(shard, lookup))
        {
            lock (shard.Gate)
            {
                // It may have come into memory since.
                if (shard.Entities.ContainsKey(lookup.Key))
                    continue;
                refusal = CheckServing(shard, lookup.Key) ?? Load(shard, lookup.Key, lookup);
            }

            if (refusal is not null)
                ReadDesk.Refuse(lookup, refusal);
            return;
        }
    }

    /// <summary>Starts watching.</summary>
    public void Watch(Watcher watcher)
    {
        if (FindShard(watcher.Key, out var shard) is { } refusal)
        {
            watcher.Refuse(refusal);
            return;
        }

        lock (shard.Gate)
        {
            if (watcher.IsGone)
                return;
            refusal = CheckServing(shard, watcher.Key) ?? CheckQueue(watcher.Key);
            if (refusal is null && shard.Find(watcher.Key) is { } entity)
                _watches.Start(shard, entity, watcher);
            else
                refusal ??= Load(shard, watcher.Key, watcher);
        }

        if (refusal is not null)
            watcher.Refuse(refusal);
    }

    /// <summary>Stops watching. A change that is on its way may still arrive.</summary>
    public void Unwatch(Watcher watcher)
    {
        watcher.IsGone = true;
        if (Locate(watcher.Key, out var shard) is not null)
            return;
        lock (shard.Gate)
        {
            if (shard.Entities.TryGetValue(watcher.Key, out var entity))
                _watches.Remove(entity, watcher);
            else if (shard.Loads.TryGetValue(watcher.Key, out var load) && load.Waiters.Remove(watcher))
                _context.Counters.AddWaitingForLoad(-1);
        }
    }

    /// <summary>Opens or resumes a session; <see cref="SessionHolder.OnOpened"/> gets the outcome.</summary>
    public void OpenSession(SessionHolder holder)
    {
        if ((FindShard(holder.Key, out var shard) ?? UnitRules.Check(holder)) is { } refusal)
        {
            holder.Refuse(refusal);
            return;
        }

        lock (shard.Gate)
        {
            if (holder.IsGone)
                return;
            refusal = CheckServing(shard, holder.Key) ?? CheckQueue(holder.Key);
            OpeningOutcomes.Arrive(shard, holder);
            if (refusal is null && shard.Find(holder.Key) is { } entity)
                _sessions.Open(shard, entity, holder);
            else
                refusal ??= Load(shard, holder.Key, holder);
        }

        if (refusal is not null)
            holder.Refuse(refusal);
        else
            _context.WakeCommitter();
    }

    /// <summary>The holder's connection is gone: its session, if it has one, ends when the lease runs out, unless it is resumed. A waiting one is withdrawn.</summary>
    public void Disconnect(SessionHolder holder)
    {
        Unwatch(holder);
        if (Locate(holder.Key, out var shard) is not null)
            return;
        lock (shard.Gate)
        {
            if (shard.Entities.TryGetValue(holder.Key, out var entity))
                _sessions.Disconnect(shard, entity, holder);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _ownership.Dispose();
        _metrics.Dispose();
    }

    /// <summary>
    /// Takes the engine's instruments down and nothing else, when the process that a simulator ran it in has died: they would keep all of it in memory. No
    /// code of the engine may run any more.
    /// </summary>
    public void Abandon() => _metrics.Dispose();

    internal int ShardCount => _context.Shards.Length;

    /// <summary>The shard of an entity; -1 when no entity can be named so.</summary>
    internal int ShardOf(in EntityKey key) => Locate(key, out var shard) is null ? shard.Index : -1;

    /// <summary>What requests for a shard get now; null when they are taken.</summary>
    internal Refusal? RefusalOf(int shard) => CheckServing(_context.Shards[shard], default);

    private Refusal? FindShard(in EntityKey key, out Shard shard) => Locate(key, out shard) ?? CheckServing(shard, key);

    private Refusal? Locate(in EntityKey key, out Shard shard)
    {
        shard = null!;
        if (UnitRules.CheckKey(key, _context.Kinds) is { } refusal)
            return refusal with { Key = key };
        _context.Kinds.TryGet(key.Kind, out var kind);
        shard = _context.ShardOf(kind!, key.Id);
        return null;
    }

    private Refusal? CheckServing(Shard shard, in EntityKey key)
    {
        if (!_context.IsServing)
            return new Refusal(RefusalCode.ShuttingDown) { Key = key };
        return (shard.Service.Refusal ?? _context.Lease.Refusal) is { } refusal ? refusal with { Key = key } : null;
    }

    private Refusal? CheckQueue(in EntityKey key) => _context.IsQueueFull(share: 1) ? UnitExecutor.TooMuchWaits with { Key = key } : null;

    private Refusal? Load(Shard shard, in EntityKey key, object waiter) => _loader.Begin(shard, key) ?? _loader.Wait(shard, key, waiter);

    private void Resume(object waiter)
    {
        switch (waiter)
        {
            case Unit unit:
                Submit(unit);
                break;
            case EntityLookup lookup:
                Read(lookup);
                break;
            case SessionHolder holder:
                OpenSession(holder);
                break;
            case Watcher watcher:
                Watch(watcher);
                break;
        }
    }

    private void Refuse(object waiter, Refusal refusal)
    {
        switch (waiter)
        {
            case Unit unit:
                unit.Complete(refusal);
                break;
            case EntityLookup lookup:
                ReadDesk.Refuse(lookup, refusal);
                break;
            case SessionHolder holder:
                holder.Refuse(refusal with { Key = holder.Key });
                break;
            case Watcher watcher:
                watcher.Refuse(refusal with { Key = watcher.Key });
                break;
        }
    }
}
