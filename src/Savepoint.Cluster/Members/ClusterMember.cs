using System.Diagnostics.CodeAnalysis;
using Savepoint.Cluster.Members;
using Savepoint.Engine;
using Savepoint.Engine.Ownership;
using Savepoint.Engine.Storage;

namespace Savepoint.Cluster;

/// <summary>
/// Makes an engine a node of a cluster: it renews its leases, and takes, hands over and drops shards as the tables say. All looks at the tables come one after
/// the other; each goes in this order:
/// 1. note the time, renew, and read what the tables say;
/// 2. drop what is another's by now, or was meanwhile, so that nothing of it is answered under the lease to come;
/// 3. let the lease last from the time that was noted;
/// 4. begin to take what is new, and to hand over what others should own.
/// Made once for each process; its engine was started without shards. Safe for concurrent use.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The schedule ends with the loop.")]
public sealed class ClusterMember
{
    // Behind the moment at which a foreign lease ends, so that it is over by the database's clock.
    private static readonly TimeSpan BehindExpiry = TimeSpan.FromMilliseconds(5);

    private readonly StateEngine _engine;
    private readonly ILeaseStore _store;
    private readonly ShardMaps _maps;
    private readonly MemberOptions _options;
    private readonly TimeProvider _time;
    private readonly IMemberObserver _observer;
    private readonly Holdings _holdings;
    private readonly Unfitness _unfitness;
    private readonly LookSchedule _looks;
    private readonly HandOvers _handOvers;
    private readonly int _shards;
    private readonly int[] _allShards;
    private volatile ClusterView? _view;
    private long _renewedAt;
    private volatile bool _isLeaving;
    private volatile bool _isNobodyThere;

    /// <summary>Makes a member; <see cref="JoinAsync"/> brings it up.</summary>
    /// <param name="maps">The node, and the map that this keeps up to date; the map's own from now on.</param>
    /// <param name="engine">The engine, which was, or will be, started without shards.</param>
    /// <param name="store">The cluster's tables; the caller closes them behind everything else.</param>
    /// <param name="peers">By which other nodes are told of shards that come. They answer with their <see cref="AnswerAsync"/>.</param>
    /// <param name="options">Times and limits.</param>
    /// <param name="time">The engine's clock. In production one that runs through suspend: <see cref="BoottimeClock"/>.</param>
    /// <param name="observer">Is told what happens.</param>
    public ClusterMember(
        ShardMaps maps, StateEngine engine, ILeaseStore store, IPeers peers, MemberOptions options, TimeProvider time, IMemberObserver observer)
    {
        ArgumentNullException.ThrowIfNull(maps);
        (_maps, _engine, _store, _options, _time, _observer) = (maps, engine, store, options, time, observer);
        _shards = maps.Current.Count;
        _allShards = [.. Enumerable.Range(0, _shards)];
        _holdings = new Holdings(maps.Self.Id, _shards);
        _unfitness = new Unfitness(options, time);
        _looks = new LookSchedule(time, options.DoubtGap);
        _handOvers = new HandOvers(maps.Self, engine, store, peers, maps, _holdings, _looks, options, time, observer);
        maps.Doubted = _looks.LookSoon;
    }

    /// <summary>This node.</summary>
    public ClusterNode Self => _maps.Self;

    /// <summary>The map of who owns what.</summary>
    public IShardMaps Maps => _maps;

    /// <summary>What the tables said last; null before the node has joined.</summary>
    public ClusterView? View => _view;

    /// <summary>
    /// Ends with the membership: after <see cref="LeaveAsync"/>, or with a <see cref="JoinRefusedException"/> when another process has taken the node's place.
    /// Then nothing is served any more, and the process should end.
    /// </summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Registers the node, and begins to take shards. Call it once, when the engine has started.</summary>
    /// <exception cref="JoinRefusedException">The name or the address is another node's, or the program is too old for the database.</exception>
    /// <exception cref="StoreException">The database can't be reached.</exception>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        // Before anything is owned: an engine that never heard of a lease would serve without end.
        _engine.ExtendLease(_time.GetTimestamp(), TimeSpan.Zero);
        await _store.JoinAsync(Self, _options.CanOwn, _options.Lease, cancellationToken);
        Ended = RunAsync();
    }

    /// <summary>
    /// Hands all shards over to other nodes, so that each is served by nobody for a moment only, and ends the membership. Where no other node can own shards,
    /// they are stored and left free, so that the next start need not wait. Requests for what has gone get NotOwner, and the map says where it is.
    /// </summary>
    /// <param name="cancellationToken">Ends it at once: what is left is given up, checkpointed or not. While the database is away nothing else does.</param>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        _isLeaving = true;
        while (!cancellationToken.IsCancellationRequested && !Ended.IsCompleted)
        {
            await EndsOr(_looks.LookNow(), cancellationToken);
            await EndsOr(_handOvers.WaitAsync(), cancellationToken);
            if (_holdings.IsEmpty || _isNobodyThere)
                break;
            await EndsOr(Task.Delay(_options.RetryAfter, _time, cancellationToken), cancellationToken);
        }

        _looks.Stop();
        await EndsOr(Ended, CancellationToken.None);
        await _engine.ReleaseShardsAsync(_allShards, cancellationToken);
        _holdings.Clear();
        _engine.DropShards(_allShards);
        await UnregisterAsync();
    }

    /// <summary>Answers what other nodes call as <see cref="PeerCall.HandOver"/>: a <see cref="PeerAnswer"/>.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        if (!HandOverMessage.TryRead(request, _shards, out var message))
            return HandOverMessage.Answer(yes: false);
        if (message.Step == HandOverStep.Prepare)
            return HandOverMessage.Answer(CanTake(message.Shard));

        // What it says is looked up rather than believed: so everything that is held was seen in the tables, and is covered by the lease.
        await _looks.LookNow();
        return HandOverMessage.Answer(_holdings.Find(message.Shard) is { } holding && await holding.Taken);
    }

    private bool CanTake(int shard) =>
        _options.CanOwn && !_isLeaving && !_looks.IsStopped && _view is not null && !_unfitness.Contains(shard)
        && _time.GetElapsedTime(Volatile.Read(ref _renewedAt)) < _options.SureLease;

    private async Task RunAsync()
    {
        try
        {
            while (!_looks.IsStopped)
            {
                var look = _looks.Begin();
                TimeSpan pause;
                try
                {
                    pause = await LookAsync();
                }
                finally
                {
                    look.TrySetResult();
                }

                await _looks.WaitAsync(pause);
            }
        }
        finally
        {
            _looks.Stop();
            _looks.Dispose();
        }
    }

    /// <returns>When to look again.</returns>
    private async Task<TimeSpan> LookAsync()
    {
        var sent = _time.GetTimestamp();
        try
        {
            using var limit = new CancellationTokenSource(_options.RenewTimeout, _time);
            if (await _store.RenewAsync(Renewal(), limit.Token) is { } view)
                return Follow(sent, view);
            await JoinAgainAsync(limit.Token);
            return TimeSpan.Zero;
        }
        catch (Exception failure) when (failure is StoreException or OperationCanceledException)
        {
            _observer.RenewalFailed(failure);
            return _options.RetryAfter;
        }
    }

    private LeaseRenewal Renewal()
    {
        var canOwn = _options.CanOwn && !_isLeaving;
        var unfit = _unfitness.Shards;
        IReadOnlyList<int> wanted = [];
        if (canOwn && _view is { } view)
        {
            var assigned = _options.Assignment.Assign(view);
            wanted = [.. _allShards.Where(shard => assigned[shard] == Self.Id && view.Leases[shard].Owner != Self.Id && !unfit.Contains(shard))];
        }

        return new LeaseRenewal(Self.Id, _options.Lease) { CanOwn = canOwn, Wanted = wanted, Unfit = unfit };
    }

    /// <returns>When to look again.</returns>
    private TimeSpan Follow(long sent, ClusterView view)
    {
        var (notHeld, lost) = _holdings.Reconcile(view);
        _engine.DropShards(notHeld);
        _engine.ExtendLease(sent, _options.SureLease);
        _view = view;
        _maps.Apply(view);
        Volatile.Write(ref _renewedAt, sent);
        var took = _time.GetElapsedTime(sent);
        _observer.Renewed(view, took);
        if (lost.Count > 0)
            _observer.Dropped(lost);

        // It may have slept since: then what it was told is long over.
        if (took > _options.SureLease)
            return TimeSpan.Zero;
        var assigned = _options.Assignment.Assign(view);
        MoveShards(view, assigned);
        return NextLook(view, assigned, took);
    }

    private void MoveShards(ClusterView view, IReadOnlyList<Guid?> assigned)
    {
        var served = new HashSet<int>(_engine.Snapshot().ServedShards);
        var (moves, takes) = (new List<Move>(), new List<(int Shard, Holding Holding)>());
        for (var shard = 0; shard < _shards; shard++)
        {
            var lease = view.Leases[shard];
            if (lease.Owner != Self.Id || _handOvers.IsMoving(shard))
                continue;
            var holding = _holdings.Find(shard);
            if (holding is { IsTaking: true })
                continue;
            if (assigned[shard] is { } next && next != Self.Id)
                moves.Add(new Move(shard, lease.Term, view.Find(next)!.Node, IsUrgent: _isLeaving));
            else if (_holdings.IsSpent(shard, lease.Term))
                moves.Add(new Move(shard, lease.Term, To: null, IsUrgent: false));
            else if (!served.Contains(shard) && !_isLeaving && !_unfitness.Contains(shard) && BeginHolding(shard, lease.Term, holding) is { } begun)
                takes.Add((shard, begun));
        }

        if (takes.Count > 0)
            _ = TakeAsync(takes);
        _handOvers.Plan(moves);
        _isNobodyThere = _isLeaving && assigned.All(next => next is null);
    }

    private Holding? BeginHolding(int shard, long term, Holding? before)
    {
        // One that is held and not served was lost to a process that took it without a right to.
        _holdings.Remove(shard, before);
        return _holdings.Begin(shard, term);
    }

    /// <summary>Takes shards together: one commit puts a barrier into the journals of all of them. Each is served as soon as it is recovered.</summary>
    private async Task TakeAsync(List<(int Shard, Holding Holding)> takes)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource([.. takes.Select(take => take.Holding.Ended)]);
        var results = new Dictionary<int, TakenShard>();
        try
        {
            foreach (var taken in await _engine.TakeShardsAsync([.. takes.Select(take => take.Shard)], ending.Token))
                results.Add(taken.Shard, taken);
        }
        catch (OperationCanceledException)
        {
            // One of them is another's by now. Those that came so far are served; the others are tried again.
            foreach (var shard in _engine.Snapshot().ServedShards)
                results.Add(shard, new TakenShard(shard, TakeOutcome.Served));
        }
        finally
        {
            foreach (var (shard, holding) in takes)
                EndTaking(shard, holding, results.GetValueOrDefault(shard) ?? new TakenShard(shard, TakeOutcome.Busy, "it was given up"));
        }
    }

    private void EndTaking(int shard, Holding holding, TakenShard taken)
    {
        var isServed = taken.Outcome == TakeOutcome.Served && _holdings.IsCurrent(shard, holding);
        if (taken.Outcome == TakeOutcome.Damaged)
            _unfitness.Add(shard);
        else if (isServed)
            _unfitness.Remove(shard);
        if (!isServed)
            _holdings.Remove(shard, holding);
        if (taken.Outcome == TakeOutcome.Served && _holdings.Find(shard) is null)
            _engine.DropShards([shard]);
        _observer.Taken(isServed || taken.Outcome != TakeOutcome.Served ? taken : taken with { Outcome = TakeOutcome.TakenByAnother }, holding.Term);
        holding.EndTaking(isServed);
    }

    /// <summary>Renewals come once a second, and earlier where a lease is about to end: what nobody serves is taken as soon as it may be.</summary>
    private TimeSpan NextLook(ClusterView view, IReadOnlyList<Guid?> assigned, TimeSpan took)
    {
        var next = _options.RenewEvery - took;
        if (_isLeaving || !_options.CanOwn)
            return next;
        for (var shard = 0; shard < _shards; shard++)
        {
            var lease = view.Leases[shard];
            if (lease.Owner == Self.Id)
                continue;
            if (lease.Owner is not null && lease.Left > TimeSpan.Zero)
                next = Earlier(next, lease.Left + BehindExpiry);
            else if (assigned[shard] == Self.Id && !_unfitness.Contains(shard))
                return TimeSpan.Zero;
        }

        return view.Nodes.Aggregate(next, (earliest, state) => Earlier(earliest, state.Left + BehindExpiry));
    }

    private static TimeSpan Earlier(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>Another process took this one's place, or this one slept for so long that it was forgotten.</summary>
    private async Task JoinAgainAsync(CancellationToken cancellationToken)
    {
        _holdings.Clear();
        _engine.DropShards(_allShards);
        _observer.Displaced();
        if (!_isLeaving)
            await _store.JoinAsync(Self, _options.CanOwn, _options.Lease, cancellationToken);
    }

    private async Task UnregisterAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(_options.RenewTimeout, _time);
            await _store.LeaveAsync(Self.Id, limit.Token);
        }
        catch (Exception failure) when (failure is StoreException or OperationCanceledException)
        {
            // Its leases end by themselves.
            _observer.RenewalFailed(failure);
        }
    }

    /// <summary>Waits for the end of something, however that ends, or of the wait.</summary>
    private static async Task EndsOr(Task task, CancellationToken cancellationToken)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var givingUp = cancellationToken.Register(() => over.TrySetResult());
        _ = SignalAsync();
        await over.Task;

        async Task SignalAsync()
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            over.TrySetResult();
        }
    }
}
