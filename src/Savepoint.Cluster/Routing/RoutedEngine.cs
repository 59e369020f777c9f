using System.Diagnostics.CodeAnalysis;
using Savepoint.Cluster.Peers;
using Savepoint.Cluster.Peers.Links;
using Savepoint.Cluster.Peers.Wire;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Routing;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Routing;

/// <summary>
/// Takes requests for all shards: gives those for shards of this node to its engine, and sends the others to their owners. What comes back because the shard
/// has another owner meanwhile is sent on, and waits for one if there is none, for <see cref="PeerOptions.RouteWithin"/> at most. All methods may be called
/// from several threads at once. It stays on the scheduler of its callers.
/// </summary>
public sealed class RoutedEngine : IStateEngine, IRequestRouter, IDisposable
{
    private readonly ShardQueue?[] _queues;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopping;
    private int _waiting;

    /// <summary>Makes the router of a node.</summary>
    /// <param name="engine">The engine of this node.</param>
    /// <param name="maps">Say who owns what.</param>
    /// <param name="links">Lead to the others; somebody else disposes of them.</param>
    /// <param name="options">Limits and times.</param>
    /// <param name="time">The clock.</param>
    public RoutedEngine(StateEngine engine, IShardMaps maps, PeerLinks links, PeerOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(engine);
        (Engine, Maps, Links, Options, Time) = (engine, maps, links, options, time);
        _queues = new ShardQueue?[engine.ShardCount];
        _stopping = _stop.Token;
    }

    /// <inheritdoc/>
    public Guid DatabaseId => Engine.DatabaseId;

    /// <summary>Requests that wait for an owner of their shard.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    internal StateEngine Engine { get; }

    internal IShardMaps Maps { get; }

    internal PeerLinks Links { get; }

    internal PeerOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>Guards the queues. Nobody calls an engine or a link while holding it, since engines call in with locks of their own.</summary>
    internal Lock Gate { get; } = new();

    internal long Now => Time.GetTimestamp();

    /// <inheritdoc/>
    public void Submit(Unit unit)
    {
        ArgumentNullException.ThrowIfNull(unit);

        // The caller may use its object again.
        (unit.Router, unit.Route) = (this, null);
        var shard = unit.Mutations.Length == 0 ? -1 : Engine.ShardOf(unit.Mutations[0].Key);
        if (IsHere(shard))
            Engine.Submit(unit);
        else
            Send(new RoutedUnit(this, shard, unit));
    }

    /// <inheritdoc/>
    public void Read(EntityLookup lookup)
    {
        ArgumentNullException.ThrowIfNull(lookup);
        lookup.Router = this;
        var shard = Engine.ShardOf(lookup);
        if (IsHere(shard))
            Engine.Read(lookup);
        else
            Send(new RoutedLookup(this, shard, lookup));
    }

    /// <inheritdoc/>
    public void Watch(Watcher watcher)
    {
        ArgumentNullException.ThrowIfNull(watcher);
        watcher.Router = this;
        var shard = Engine.ShardOf(watcher.Key);
        if (IsHere(shard))
            Engine.Watch(watcher);
        else
            Send(RouteOf(watcher, shard));
    }

    /// <inheritdoc/>
    public void Unwatch(Watcher watcher)
    {
        ArgumentNullException.ThrowIfNull(watcher);
        Engine.Unwatch(watcher);
        (watcher.Route as RoutedWatch)?.Leave();
    }

    /// <inheritdoc/>
    public void OpenSession(SessionHolder holder)
    {
        ArgumentNullException.ThrowIfNull(holder);
        holder.Router = this;
        var shard = Engine.ShardOf(holder.Key);
        if (IsHere(shard))
            Engine.OpenSession(holder);
        else
            Send(RouteOf(holder, shard));
    }

    /// <inheritdoc/>
    public void Disconnect(SessionHolder holder)
    {
        ArgumentNullException.ThrowIfNull(holder);
        for (var former = holder.Replaces; former is not null; former = former.Replaces)
            (former.Route as RoutedWatch)?.Leave();
        Engine.Disconnect(holder);
        (holder.Route as RoutedWatch)?.Leave();
    }

    /// <summary>Refuses what waits, and lets nothing wait any more: this node stops.</summary>
    // CancelAsync would leave the scheduler that this runs on for the thread pool.
    [SuppressMessage("Performance", "CA1849", Justification = "See above.")]
    public void Dispose()
    {
        if (_stopping.IsCancellationRequested)
            return;
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <inheritdoc/>
    bool IRequestRouter.TryTake(Unit unit, Refusal refusal)
    {
        var route = unit.Route as RoutedUnit ?? new RoutedUnit(this, Engine.ShardOf(unit.Mutations[0].Key), unit);
        unit.Route = route;
        return TryReturn(route, refusal);
    }

    /// <inheritdoc/>
    bool IRequestRouter.TryTake(EntityLookup lookup, Refusal refusal)
    {
        var route = lookup.Route as RoutedLookup ?? new RoutedLookup(this, Engine.ShardOf(lookup), lookup);
        lookup.Route = route;
        return TryReturn(route, refusal);
    }

    /// <inheritdoc/>
    bool IRequestRouter.TryTake(Watcher watcher, Refusal refusal) => TryReturn(RouteOf(watcher, Engine.ShardOf(watcher.Key)), refusal);

    /// <summary>
    /// Takes a request back that was refused since the shard is, or may be, another's. Also a unit that may have been carried out elsewhere before, and was now
    /// refused for a reason that passes: that says nothing of the first time, and a client that is told so would ask for it once more under a new number.
    /// </summary>
    /// <returns>False when it is to be refused all the same.</returns>
    internal bool TryReturn(RoutedRequest request, Refusal refusal)
    {
        if (!refusal.ConcernsOwnership)
        {
            if (!refusal.IsTransient || !request.MayHaveHappened || request is not RoutedUnit)
                return false;
            ReturnLater(request, doubted: -1);
            return true;
        }

        if (refusal.Code == RefusalCode.OutcomeUnknown)
        {
            if (!request.IsRepeatable)
                return false;
            request.MayHaveHappened = true;
        }

        var shard = refusal.Key.Kind is null ? request.Shard : Engine.ShardOf(refusal.Key);
        if (shard == request.Shard || shard < 0)
            Return(request);
        else
            ReturnLater(request, doubted: shard);
        return true;
    }

    /// <summary>Takes a request back that did not reach its owner, or whose answer did not come: it waits for an owner.</summary>
    internal void Return(RoutedRequest request)
    {
        request.Returns++;
        Wait(request);
    }

    internal void Learn(PeerRefusal refusal)
    {
        if (refusal.Shard < 0 || refusal.Shard >= _queues.Length || refusal.Term == 0)
            return;
        Maps.Learn(refusal.Shard, new ShardOwner(refusal.Owner is null ? null : WireValues.Read(refusal.Owner), refusal.Term));
    }

    /// <summary>Gives a request to a node.</summary>
    /// <returns>Whether it was taken, or answered; else there is no link at the moment.</returns>
    internal bool TrySendTo(ClusterNode owner, RoutedRequest request)
    {
        if (request.IsGone)
            return true;
        request.SentAt = Now;
        if (owner.Id == Maps.Self.Id)
        {
            request.SubmitTo(Engine);
            return true;
        }

        switch (Links.LinkTo(owner).TrySend(request))
        {
            case SendResult.Broken:
                return false;
            case SendResult.Full:
                Refuse(request, new Refusal(RefusalCode.Overloaded)
                {
                    Detail = "too much waits for the owner of the shard",
                    RetryAfter = TimeSpan.FromMilliseconds(100),
                });
                return true;
            default:
                // Who does not want it any more may have come just before it was sent.
                if (request.IsGone)
                    (request as RoutedWatch)?.Leave();
                return true;
        }
    }

    /// <summary>Refuses a request; where nothing was done, as far as this node knows, it says what the truth is.</summary>
    internal void Refuse(RoutedRequest request, Refusal refusal)
    {
        if (request.IsGone)
            return;
        request.Refuse(request.MayHaveHappened && request is RoutedUnit ? new Refusal(RefusalCode.OutcomeUnknown) { Detail = refusal.Detail } : refusal);
    }

    internal void RefuseLate(RoutedRequest request)
    {
        CountOut();
        Refuse(request, new Refusal(RefusalCode.Unavailable)
        {
            Detail = "no owner of the shard could be reached in time",
            RetryAfter = TimeSpan.FromSeconds(1),
        });
    }

    internal bool IsLate(RoutedRequest request) => request.IsGone || Until(request.Deadline) <= TimeSpan.Zero;

    internal TimeSpan Until(long timestamp) => Time.GetElapsedTime(Now, timestamp);

    internal TimeSpan Since(long timestamp) => Time.GetElapsedTime(timestamp);

    /// <summary>Counts a request in that waits.</summary>
    internal void CountIn() => Interlocked.Increment(ref _waiting);

    /// <summary>Counts a request out that waits no more.</summary>
    internal void CountOut() => Interlocked.Decrement(ref _waiting);

    /// <summary>Takes a queue away, and opens the way.</summary>
    /// <param name="shard">Its shard.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="isDone">Whether it may go. Under the gate.</param>
    internal bool TryEnd(int shard, ShardQueue queue, Func<bool> isDone)
    {
        lock (Gate)
        {
            if (!isDone())
                return false;
            if (_queues[shard] == queue)
                Volatile.Write(ref _queues[shard], null);
            return true;
        }
    }

    private static bool IsNewEpisode(RoutedRequest request, TimeSpan held, TimeSpan limit) => 
        request.Deadline == 0 || (held > limit && request is not RoutedUnit);

    private RoutedWatch RouteOf(Watcher watcher, int shard)
    {
        var route = watcher.Route as RoutedWatch
            ?? (watcher is SessionHolder holder ? new RoutedOpening(this, shard, holder) : new RoutedWatch(this, shard, watcher));
        watcher.Route = route;
        return route;
    }

    /// <summary>Whether the engine of this node is to have it: it also refuses what is none of any shard.</summary>
    private bool IsHere(int shard) => shard < 0 || (Volatile.Read(ref _queues[shard]) is null && OwnerOf(shard)?.Id == Maps.Self.Id);

    private ClusterNode? OwnerOf(int shard)
    {
        var map = Maps.Current;
        return shard < map.Count ? map[shard].Node : null;
    }

    private void Send(RoutedRequest request)
    {
        if (Volatile.Read(ref _queues[request.Shard]) is not null || OwnerOf(request.Shard) is not { } owner || !TrySendTo(owner, request))
            Wait(request);
    }

    private void Wait(RoutedRequest request)
    {
        if (!TryBeginWait(request))
            return;
        ShardQueue? started = null;
        lock (Gate)
        {
            var queue = _queues[request.Shard];
            if (queue is null)
                Volatile.Write(ref _queues[request.Shard], queue = started = new ShardQueue(this, request.Shard));
            queue.Add(request);
        }

        // It begins with a pause, so nothing of an engine is called here.
        if (started is not null)
            _ = started.RunAsync(_stopping);
    }

    private bool TryBeginWait(RoutedRequest request)
    {
        // One that an owner has had for long, a wait for a session, say, has all its time again; a unit has not: one over several nodes can come back late
        // again and again, for ever.
        if (IsNewEpisode(request, Since(request.SentAt), Options.RouteWithin))
            request.Deadline = Now + (long)(Options.RouteWithin.TotalSeconds * Time.TimestampFrequency);
        if (_stopping.IsCancellationRequested)
        {
            Refuse(request, new Refusal(RefusalCode.ShuttingDown));
            return false;
        }

        if (Waiting >= Options.MaxWaiting)
        {
            Refuse(request, new Refusal(RefusalCode.Overloaded) { Detail = "too many wait for an owner of their shard", RetryAfter = TimeSpan.FromSeconds(1) });
            return false;
        }

        CountIn();
        return true;
    }

    /// <summary>
    /// The owner of the home shard does not own another shard of the unit, or takes nothing at the moment: others of the home shard are not held up.
    /// </summary>
    private void ReturnLater(RoutedRequest request, int doubted)
    {
        request.Returns++;
        if (TryBeginWait(request))
            _ = TryAgainAsync(request, doubted);
    }

    private async Task TryAgainAsync(RoutedRequest request, int doubted)
    {
        var pause = Options.RetryPause * (1 << Math.Min(request.Returns, 10));
        try
        {
            await Task.Delay(pause < Options.MaxRetryPause ? pause : Options.MaxRetryPause, Time, _stopping);
            if (IsLate(request))
            {
                RefuseLate(request);
                return;
            }

            if (doubted >= 0)
                Maps.Doubt(doubted);
            CountOut();
            Send(request);
        }
        catch (OperationCanceledException)
        {
            CountOut();
            Refuse(request, new Refusal(RefusalCode.ShuttingDown));
        }
    }
}
