using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Connections;
using Savepoint.Streams.Errors;
using Savepoint.Streams.Outgoing;

namespace Savepoint.Streams.Watching;

/// <summary>
/// One entity as a client follows it. It outlives its subscriptions to the engine: when the client reads too slowly, or the engine has to drop the
/// entity, it joins again from the version that the client has, and the client sees no gap but at most a snapshot.
/// </summary>
internal abstract class ClientWatch(StreamConnection connection, long number, EntityKey key, TimeSpan coalesce, long fromVersion)
{
    private static readonly TimeSpan MaxRejoinPause = TimeSpan.FromSeconds(5);

    // Null when the client may see everything, which costs nothing then.
    private readonly WatchedPart? _part =
        connection.Services.Authorizer.Visible(connection.Principal, key) is { } filter ? new WatchedPart(filter) : null;

    private FrameBuffer? _gathered;
    private int _refusals;
    private bool _needsSnapshot;
    private bool _isRejoining;

    protected enum Phase : byte
    {
        /// <summary>The engine has been asked; what comes first decides.</summary>
        Joining,

        /// <summary>Changes follow on <see cref="Version"/>.</summary>
        Live,

        /// <summary>Changes are not taken; the watch waits to join again.</summary>
        Behind,

        Ended,
    }

    /// <summary>The number of the request that began it.</summary>
    public long Number { get; } = number;

    public EntityKey Key { get; } = key;

    public bool IsEnded => State == Phase.Ended;

    protected StreamConnection Connection { get; } = connection;

    protected Outbox Outbox => Connection.Outbox;

    /// <summary>Whether the request that began it has its answer.</summary>
    protected bool WasAnswered { get; private set; }

    protected Phase State { get; private set; }

    /// <summary>The version that the client has, or will have once what is queued has arrived.</summary>
    protected long Version { get; private set; } = fromVersion;

    /// <summary>The present subscription; whatever an earlier one still says is not heard.</summary>
    protected Watcher? Subscription { get; private set; }

    private StreamOptions Options => Connection.Services.Options;

    /// <summary>Asks the engine, for the first time or again. Not under the gate.</summary>
    public void Join()
    {
        Watcher subscription;
        Watcher? former;
        lock (Outbox.Gate)
        {
            if (IsEnded)
                return;
            former = Subscription;
            subscription = Subscription = NewSubscription(_needsSnapshot ? 0 : Version);
            State = Phase.Joining;
            _isRejoining = former is not null;
        }

        if (former is not null)
            Leave(former);
        Enter(subscription);

        // The connection may have ended, and released what it had, between the two steps.
        if (IsEnded)
            Release();
    }

    /// <summary>Lets go of the engine, after <see cref="End"/>. Not under the gate.</summary>
    public void Release()
    {
        Watcher? subscription;
        lock (Outbox.Gate)
            subscription = Subscription;
        if (subscription is not null)
            Release(subscription);
    }

    /// <summary>Sends what was gathered. Under the gate.</summary>
    public void Flush()
    {
        if (_gathered is null)
            return;
        var length = _gathered.Length;
        Outbox.Gathered(-length);
        var span = Outbox.Reserve(length, isAnswer: false);
        if (!span.IsEmpty)
            _gathered.Memory.Span.CopyTo(span);
        DropGathered(counted: false);
    }

    /// <summary>Nothing more is sent for it. Under the gate.</summary>
    public void End()
    {
        if (IsEnded)
            return;
        Flush();
        EndJoining();
        State = Phase.Ended;
        Connection.Watches.Remove(this);
        OnEnding();
    }

    public void OnChange(Watcher from, in EntityChange change)
    {
        lock (Outbox.Gate)
        {
            if (from != Subscription || State != Phase.Live)
                return;
            if (change.Version == 0 || change.Version == Version + 1)
                TakeSeen(change);
            else if (change.Version > Version)
                FallBehind(TimeSpan.Zero);
        }
    }

    public void OnLost(Watcher from)
    {
        lock (Outbox.Gate)
        {
            if (from == Subscription && !IsEnded)
                FallBehind(TimeSpan.Zero);
        }
    }

    protected abstract Watcher NewSubscription(long fromVersion);

    protected abstract void Enter(Watcher subscription);

    /// <summary>Gives up a subscription that another takes the place of.</summary>
    protected abstract void Leave(Watcher subscription);

    /// <summary>Gives up the last subscription.</summary>
    protected abstract void Release(Watcher subscription);

    /// <summary>Called once under the gate, when the watch has ended.</summary>
    protected virtual void OnEnding()
    {
    }

    /// <summary>Called under the gate when joining again was refused for good.</summary>
    protected virtual void OnRefusedAgain(Refusal refusal) => Outbox.Push(new ServerMessage { Request = (ulong)Number, Error = RequestErrors.From(refusal, Connection.Principal, Key) });

    /// <summary>What the client may see of the state that a subscription begins with. Under the gate, once for each.</summary>
    protected EntitySnapshot Seen(in EntitySnapshot snapshot) => _part is null ? snapshot : _part.Begin(snapshot);

    /// <summary>The engine has answered with a state. Under the gate.</summary>
    /// <param name="snapshot">The state.</param>
    /// <param name="first">The answer to the client, if this is the first time.</param>
    protected void Joined(in EntitySnapshot snapshot, Func<EntitySnapshot, ServerMessage> first)
    {
        EndJoining();
        State = Phase.Live;
        _refusals = 0;
        if (!WasAnswered)
        {
            Answer(first(snapshot));
            Version = snapshot.Version;
        }
        else if (!snapshot.IsResumed && (snapshot.Version != Version || _needsSnapshot))
        {
            DropGathered(counted: true);
            Outbox.Push(new ServerMessage { Snapshot = ServerMessages.Snapshot(snapshot, Number) });
            Version = snapshot.Version;
        }

        _needsSnapshot = false;
    }

    /// <summary>The engine has refused. Under the gate.</summary>
    protected void Refused(Refusal refusal)
    {
        EndJoining();
        if (WasAnswered && refusal.IsTransient)
        {
            State = Phase.Behind;
            Connection.Watches.RejoinAfter(this, RejoinPause());
            return;
        }

        var wasAnswered = WasAnswered;
        if (!wasAnswered)
            Answer(new ServerMessage { Request = (ulong)Number, Error = RequestErrors.From(refusal, Connection.Principal, Key) }, RequestErrors.CountedAs(refusal));
        End();
        if (wasAnswered)
            OnRefusedAgain(refusal);
    }

    protected void Answer(ServerMessage message, string outcome = StreamMetrics.Ok)
    {
        WasAnswered = true;
        message.Request = (ulong)Number;
        Outbox.Answer(message);
        Connection.Services.Metrics.Answered(outcome);
    }

    private void TakeSeen(in EntityChange change)
    {
        // What a part of a batch changed is told in full: the client keeps no deltas of those.
        var isOwn = change.Request != 0 && change.Writer == Connection.Writer && !BatchPart.IsPart(change.Request);
        if (_part is null)
        {
            Take(change, isOwn);
        }
        else if (_part.TryTake(change, isOwn, out var seen))
        {
            Take(seen, isOwn);
        }
        else
        {
            _needsSnapshot = true;
            FallBehind(TimeSpan.Zero);
        }
    }

    private void Take(in EntityChange change, bool isOwn)
    {
        var bytes = ServerMessages.MeasureChange(change, Number, isOwn);
        var isAtOnce = coalesce == TimeSpan.Zero;
        if (!Outbox.HasRoomFor(bytes) || (!isAtOnce && (_gathered?.Length ?? 0) + bytes > Options.MaxGatheredBytes))
        {
            // What was gathered is still sent in its time, and the watch joins again no sooner than that.
            _needsSnapshot |= change.Version == 0;
            FallBehind(coalesce);
            return;
        }

        if (change.Version != 0)
            Version = change.Version;
        var span = isAtOnce ? Outbox.Reserve(bytes, isAnswer: false) : Gather(bytes);
        if (!span.IsEmpty)
            ServerMessages.WriteChange(span, change, Number, isOwn);
    }

    private Span<byte> Gather(int bytes)
    {
        if (Outbox.IsClosed)
            return [];
        if (_gathered is null)
        {
            _gathered = new FrameBuffer(bytes);
            Connection.Watches.FlushAfter(this, coalesce);
        }

        Outbox.Gathered(bytes);
        return _gathered.Append(bytes);
    }

    private void DropGathered(bool counted)
    {
        if (_gathered is null)
            return;
        if (counted)
            Outbox.Gathered(-_gathered.Length);
        _gathered.Return();
        _gathered = null;
    }

    private void FallBehind(TimeSpan pause)
    {
        if (State == Phase.Behind)
            return;
        EndJoining();
        State = Phase.Behind;
        _part?.Forget();
        Connection.Services.Metrics.FellBehind();
        if (pause == TimeSpan.Zero)
            Connection.Watches.Rejoin(this);
        else
            Connection.Watches.RejoinAfter(this, pause);
    }

    private void EndJoining()
    {
        if (!_isRejoining)
            return;
        _isRejoining = false;
        Connection.Watches.EndRejoin();
    }

    private TimeSpan RejoinPause()
    {
        var pause = Options.RewatchAfter * (1 << Math.Min(_refusals++, 10));
        return pause < MaxRejoinPause ? pause : MaxRejoinPause;
    }
}
