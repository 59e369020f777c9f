using Savepoint.Protocol;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// One writer's requests, over all its connections. A request waits in a queue until the window has room, gets the next number when it is put
/// into a frame, and stays until it is answered: after a reconnect what is unanswered goes first, in order, with the same numbers. As numbers are
/// given last, a request that was never sent can be taken back and leaves no gap. Thread-safe; callbacks run outside the lock.
/// </summary>
internal sealed partial class RequestPipeline(TimeProvider time, SavepointClientOptions options)
{
    // Large enough to carry hundreds of requests, small enough that the first of them is not kept waiting.
    private const int BatchBytes = 256 << 10;

    private readonly object _gate = new();
    private readonly UnansweredRequests _unanswered = new();
    private readonly Queue<PendingRequest> _first = new();
    private readonly Queue<PendingRequest> _queued = new();
    private int _window = options.Window;
    private int _maxFrameBytes = options.MaxFrameBytes;
    private int _sendNext;
    private bool _pingDue;
    private bool _isClosed;

    /// <summary>Wakes the sender when there is something to send.</summary>
    public AsyncSignal Work { get; } = new();

    public int UnansweredCount
    {
        get
        {
            lock (_gate)
                return _unanswered.Count;
        }
    }

    /// <summary>Queues a request, before all others if it restores what the connection had.</summary>
    public void Add(PendingRequest request, TimeSpan? timeout = null, bool first = false)
    {
        if (timeout is { } span)
            request.Deadline = time.GetTimestamp() + time.Ticks(span);
        if (TryAdd(request, first) is { } refusal)
            request.OnFailed(refusal);
        else
            Work.Set();
    }

    /// <summary>As <see cref="Add(PendingRequest, TimeSpan?, bool)"/>; cancelling frees the caller, and the request too if it was not sent yet.</summary>
    public void Add(PendingRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            request.OnCanceled(cancellationToken);
            return;
        }
        Add(request, timeout);
        if (!cancellationToken.CanBeCanceled)
            return;
        var registration = cancellationToken.Register(() => Cancel(request, cancellationToken));
        lock (_gate)
        {
            request.Registration = registration;
            if (request.State != RequestState.Done)
                return;
        }
        registration.Dispose();
    }

    public void SchedulePing()
    {
        lock (_gate)
            _pingDue = true;
        Work.Set();
    }

    /// <summary>Fills the next frame. False when there is nothing to send.</summary>
    public bool TryBuildFrame(FrameBuilder frame)
    {
        var oversized = default(List<PendingRequest>);
        lock (_gate)
        {
            frame.Begin(_unanswered.ReceivedThrough);
            if (_pingDue)
                frame.Add(0, MessageBody.Ping);
            _pingDue = false;
            if (AddAgain(frame) && AddUnsent(frame))
                AddNew(frame, ref oversized);
        }
        foreach (var request in oversized ?? [])
            request.OnFailed(new SavepointException(ErrorCodes.FrameTooLarge, $"{request.Name} is over the limit of a frame.") { Kind = request.Kind, Id = request.Id });
        return frame.MessageCount > 0;
    }

    /// <summary>Hands an answer to its request, once.</summary>
    public void Answer(ServerMessage answer)
    {
        PendingRequest? request;
        bool abandoned;
        if (IsForNow(answer) && TryPutOff(answer))
            return;
        lock (_gate)
        {
            var before = _unanswered.First;
            var full = _unanswered.Count >= _window;
            request = _unanswered.Remove(answer.Request);
            if (request is null)
                return;
            _sendNext = Math.Max(0, _sendNext - (int)(_unanswered.First - before));
            abandoned = request.IsAbandoned;
            if (full)
                Work.Set();
            if (!abandoned && request.IsToBeAskedAnew(answer))
            {
                request.State = RequestState.Queued;
                _first.Enqueue(request);
                Work.Set();
                return;
            }
            request.State = RequestState.Done;
        }
        request.Registration.Dispose();
        if (abandoned)
            request.OnLateAnswer(answer);
        else
            request.OnAnswer(answer);
    }

    /// <summary>An unanswered unit, so that a push that tells of it finds its deltas.</summary>
    public UnitRequest? FindUnit(ulong number)
    {
        lock (_gate)
            return _unanswered.Find(number) as UnitRequest;
    }

    /// <summary>Frees the callers whose time is over.</summary>
    public void Sweep()
    {
        var now = time.GetTimestamp();
        var late = default(List<PendingRequest>);
        lock (_gate)
        {
            for (var i = 0; i < _unanswered.Span; i++)
                CollectIfLate(_unanswered[i], now, ref late);
            SendAgainWhatIsDue(now);
            foreach (var request in _first)
                CollectIfLate(request, now, ref late);
            foreach (var request in _queued)
                CollectIfLate(request, now, ref late);
        }
        foreach (var request in late ?? [])
            request.OnFailed(SavepointException.TimedOut(request.Name, request.OutcomeIfLost, request.Kind, request.Id));
    }

    private static void CollectIfLate(PendingRequest? request, long now, ref List<PendingRequest>? late)
    {
        if (request is null || request.IsAbandoned || request.State == RequestState.Done || request.Deadline > now)
            return;
        request.IsAbandoned = true;
        (late ??= []).Add(request);
    }

    private SavepointException? TryAdd(PendingRequest request, bool first)
    {
        lock (_gate)
        {
            if (_isClosed)
                return SavepointException.Closed();
            if (first)
                _first.Enqueue(request);
            else if (_queued.Count < options.MaxQueuedRequests)
                _queued.Enqueue(request);
            else
                return new SavepointException(ClientErrorCodes.QueueFull, "Too many requests wait.") { IsTransient = true, Kind = request.Kind, Id = request.Id };
            return null;
        }
    }

    private void Cancel(PendingRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (request.State == RequestState.Done || request.IsAbandoned)
                return;
            request.IsAbandoned = true;
        }
        request.OnCanceled(cancellationToken);
    }

    // False when the frame is full before all of it is in.
    private bool AddUnsent(FrameBuilder frame)
    {
        for (; _sendNext < _unanswered.Span; _sendNext++)
        {
            if (_unanswered[_sendNext] is not { } request)
                continue;
            if (!frame.HasRoom(request.Body.Length, BatchBytes))
                return false;
            request.WasSentAgain = true;
            frame.Add(request.Number, request.Body);
        }
        return true;
    }

    private void AddNew(FrameBuilder frame, ref List<PendingRequest>? oversized)
    {
        var (now, utcNow) = (time.GetTimestamp(), time.GetUtcNow());
        while (_unanswered.Count < _window && (_first.Count > 0 ? _first : _queued) is { Count: > 0 } queue)
        {
            var request = queue.Peek();
            var dropped = request.IsAbandoned || !FrameBuilder.Fits(request.Body.Length, _maxFrameBytes);
            if (!dropped && !frame.HasRoom(request.Body.Length, Math.Min(BatchBytes, _maxFrameBytes)))
                return;
            queue.Dequeue();
            if (dropped)
            {
                request.State = RequestState.Done;
                if (!request.IsAbandoned)
                    (oversized ??= []).Add(request);
                continue;
            }
            _unanswered.Add(request);
            _sendNext = _unanswered.Span;
            request.State = RequestState.Sent;
            request.SentAt = now;
            request.SentAtUtc = utcNow;
            frame.Add(request.Number, request.Body);
        }
    }
}
