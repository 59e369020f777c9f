using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// One writer's requests, over all its connections: one numbering and one window. A request waits in the queue of a lane until the window has room, gets the
/// next number when it is put into a frame, and stays until it is answered: when a connection is lost, what is unanswered goes first on another one, in order,
/// with the same numbers. As numbers are given last, a request that was never sent can be taken back and leaves no gap. Thread-safe; callbacks run outside
/// the lock.
/// </summary>
internal sealed partial class RequestPipeline(TimeProvider time, SavepointClientOptions options)
{
    // Large enough to carry hundreds of requests, small enough that the first of them is not kept waiting.
    private const int BatchBytes = 256 << 10;

    private readonly object _gate = new();
    private readonly UnansweredRequests _unanswered = new();
    private int _window = options.Window;
    private int _queuedCount;
    private bool _isClosed;

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
        if (TryAdd(request, first, out var lane) is { } refusal)
            request.OnFailed(refusal);
        else
            lane?.Work.Set();
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

    public void SchedulePing(Lane lane)
    {
        lock (_gate)
            lane.IsPingDue = true;
        lane.Work.Set();
    }

    /// <summary>How many requests wait to be sent on a lane.</summary>
    public int CountQueued(Lane lane)
    {
        lock (_gate)
            return lane.Queued.Count;
    }

    /// <summary>Fills the next frame of a lane. False when there is nothing to send.</summary>
    public bool TryBuildFrame(Lane lane, FrameBuilder frame)
    {
        var oversized = default(List<PendingRequest>);
        lock (_gate)
        {
            frame.Begin(_unanswered.ReceivedThrough);
            if (lane.IsPingDue)
                frame.Add(0, MessageBody.Ping);
            lane.IsPingDue = false;
            if (lane.IsOpen && AddAgain(lane, frame))
                AddNew(lane, frame, ref oversized);
        }
        foreach (var request in oversized ?? [])
            request.OnFailed(new SavepointException(ErrorCodes.FrameTooLarge, $"{request.Name} is over the limit of a frame.") { Kind = request.Kind, Id = request.Id });
        return frame.MessageCount > 0;
    }

    /// <summary>Hands an answer to its request, once.</summary>
    public void Answer(Lane lane, ServerMessage answer)
    {
        PendingRequest? request;
        bool abandoned;
        if (TryMoveOn(lane, answer) || TryPutOff(answer))
            return;
        lock (_gate)
        {
            var full = _unanswered.Count >= _window;
            request = _unanswered.Remove(answer.Request);
            if (request is null)
                return;
            TakeOff(request);
            Uncount(request);
            request.Lane = lane;
            abandoned = request.IsAbandoned;
            if (full)
                WakeAll();
            if (!abandoned && request.IsToBeAskedAnew(answer))
            {
                request.State = RequestState.Queued;
                Enqueue(request, first: true)?.Work.Set();
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

    /// <summary>Frees the callers whose time is over, and sends again what was put off until now.</summary>
    public void Sweep()
    {
        var now = time.GetTimestamp();
        var late = default(List<PendingRequest>);
        List<PendingRequest> forgotten;
        lock (_gate)
        {
            for (var i = 0; i < _unanswered.Span; i++)
                CollectIfLate(_unanswered[i], now, ref late);
            forgotten = SendAgainWhatIsDue(now);
            foreach (var request in AllQueued())
                CollectIfLate(request, now, ref late);
        }
        foreach (var request in late ?? [])
            request.OnFailed(SavepointException.TimedOut(request.Name, request.OutcomeIfLost, request.Kind, request.Id));
        FailAsForgotten(forgotten);
    }

    private static void CollectIfLate(PendingRequest? request, long now, ref List<PendingRequest>? late)
    {
        if (request is null || request.IsAbandoned || request.State == RequestState.Done || request.Deadline > now)
            return;
        request.IsAbandoned = true;
        (late ??= []).Add(request);
    }

    private SavepointException? TryAdd(PendingRequest request, bool first, out Lane? lane)
    {
        lane = null;
        lock (_gate)
        {
            if (_isClosed)
                return SavepointException.Closed();
            if (!first && _queuedCount >= options.MaxQueuedRequests)
                return new SavepointException(ClientErrorCodes.QueueFull, "Too many requests wait.") { IsTransient = true, Kind = request.Kind, Id = request.Id };
            lane = Enqueue(request, first);
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

    private void AddNew(Lane lane, FrameBuilder frame, ref List<PendingRequest>? oversized)
    {
        var (now, utcNow) = (time.GetTimestamp(), time.GetUtcNow());
        while (_unanswered.Count < _window && (lane.First.Count > 0 ? lane.First : lane.Queued) is { Count: > 0 } queue)
        {
            var request = queue.Peek();
            var dropped = request.IsAbandoned || !FrameBuilder.Fits(request.Body.Length, lane.MaxFrameBytes);
            if (!dropped && !frame.HasRoom(request.Body.Length, Math.Min(BatchBytes, lane.MaxFrameBytes)))
                return;
            queue.Dequeue();
            if (queue == lane.Queued)
                _queuedCount--;
            if (dropped)
            {
                request.State = RequestState.Done;
                Uncount(request);
                if (!request.IsAbandoned)
                    (oversized ??= []).Add(request);
                continue;
            }
            _unanswered.Add(request);
            PutOn(request, lane);
            request.State = RequestState.Sent;
            request.SentAt = now;
            request.SentAtUtc = utcNow;
            frame.Add(request.Number, request.Body);
        }
    }
}
