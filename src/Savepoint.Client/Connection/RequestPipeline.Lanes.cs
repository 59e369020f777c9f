namespace Savepoint.Client;

// Which connection a request is sent over, and what becomes of it when that one is lost.
internal sealed partial class RequestPipeline
{
    private readonly Lane _waiting = Lane.WithoutConnection();
    private readonly List<Lane> _lanes = [];
    private Lane? _default;
    private int _nextToWake;

    /// <summary>A new connection of the same writer. If it is the only one, what is unanswered is sent again over it.</summary>
    public void Resume(Lane lane)
    {
        lock (_gate)
            Open(lane);
    }

    /// <summary>A connection is gone: what it had goes to the others, or waits for the next one.</summary>
    public void Lose(Lane lane)
    {
        lock (_gate)
        {
            lane.IsOpen = false;
            _lanes.Remove(lane);
            OnLanesChanged();
            MoveFrom(lane);
        }
        lane.Idle.Set();
    }

    private void Open(Lane lane)
    {
        lane.IsOpen = true;
        _lanes.Add(lane);
        OnLanesChanged();
        MoveFrom(_waiting);
    }

    private void OnLanesChanged()
    {
        _default = _lanes.Find(static lane => !lane.IsRetiring) ?? (_lanes.Count > 0 ? _lanes[0] : _waiting);
        _window = _lanes.Count > 0 ? _lanes.Min(static lane => lane.Window) : _window;
    }

    private void Enqueue(PendingRequest request, bool first)
    {
        var lane = Route(request);
        request.Lane = lane;
        if (!first)
            _queuedCount++;
        (first ? lane.First : lane.Queued).Enqueue(request);
        lane.Work.Set();
    }

    private Lane Route(PendingRequest request)
    {
        _ = request;
        return _default ?? _waiting;
    }

    // In the order of their numbers, then what has none yet, in the order that it came.
    private void MoveFrom(Lane lane)
    {
        for (var i = 0; i < _unanswered.Span; i++)
        {
            if (_unanswered[i] is not { } request || request.Lane != lane)
                continue;
            TakeOff(request);
            PutOn(request, Route(request));
            SendAgain(request);
        }
        lane.Again.Clear();
        while (lane.First.TryDequeue(out var request))
            Move(request, Route(request), first: true);
        while (lane.Queued.TryDequeue(out var request))
            Move(request, Route(request), first: false);
    }

    private static void Move(PendingRequest request, Lane lane, bool first)
    {
        request.Lane = lane;
        (first ? lane.First : lane.Queued).Enqueue(request);
        lane.Work.Set();
    }

    private static void PutOn(PendingRequest request, Lane lane)
    {
        request.Lane = lane;
        if (!request.MayWaitLong)
            lane.Unanswered++;
    }

    private static void TakeOff(PendingRequest request)
    {
        if (!request.MayWaitLong)
            request.Lane!.Unanswered--;
    }

    // Each in turn comes first: there may be room in the window for one of them only.
    private void WakeAll()
    {
        if (_lanes.Count == 0)
            return;
        var first = _nextToWake++ % _lanes.Count;
        for (var i = 0; i < _lanes.Count; i++)
            _lanes[(first + i) % _lanes.Count].Work.Set();
    }

    private IEnumerable<PendingRequest> AllQueued() => _lanes.Append(_waiting).SelectMany(static lane => lane.First.Concat(lane.Queued));
}
