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

    /// <summary>
    /// A connection is gone: what it had goes to the others, or waits for the next one. What is too old to be sent again fails as unknown.
    /// </summary>
    public void Lose(Lane lane)
    {
        List<PendingRequest> forgotten = [];
        lock (_gate)
        {
            lane.IsOpen = false;
            _lanes.Remove(lane);
            OnLanesChanged();
            Unbind(lane);
            if (_lanes.Count > 0)
                forgotten = TakeForgotten(lane);
            MoveFrom(lane);
            SettleAll();
        }
        lane.Idle.Set();
        FailAsForgotten(forgotten);
    }

    /// <summary>The node of a connection goes down: what was not sent there yet goes elsewhere, the rest is waited for (<see cref="Lane.Idle"/>).</summary>
    public void Retire(Lane lane)
    {
        lock (_gate)
        {
            if (!lane.IsOpen || lane.IsRetiring)
                return;
            lane.IsRetiring = true;
            OnLanesChanged();
            var (first, queued) = (lane.First.ToArray(), lane.Queued.ToArray());
            lane.First.Clear();
            lane.Queued.Clear();
            foreach (var request in first)
                Move(request, NextLane(request), first: true);
            HoldFirst([.. queued.Where(static request => request.IsCounted)]);
            foreach (var request in queued.Where(static request => request.Lane is not null))
            {
                if (Route(request) is { } next)
                    Move(request, next, first: false);
            }
            SettleAll();
            if (lane.IsIdle)
                lane.Idle.Set();
        }
    }

    private void Open(Lane lane)
    {
        lane.IsOpen = true;
        _lanes.Add(lane);
        OnLanesChanged();
        Unbind(_waiting);
        MoveFrom(_waiting);
        SettleAll();
    }

    private void OnLanesChanged()
    {
        _default = _lanes.Find(static lane => !lane.IsRetiring) ?? (_lanes.Count > 0 ? _lanes[0] : _waiting);
        _window = _lanes.Count > 0 ? _lanes.Min(static lane => lane.Window) : _window;
        ChooseBest();
    }

    /// <returns>The lane to wake, after the lock: its sender needs that one first. Null when the request is held.</returns>
    private Lane? Enqueue(PendingRequest request, bool first)
    {
        request.IsOrdered = !first && !request.MayWaitLong;
        if (!first)
            _queuedCount++;
        var lane = Route(request);
        if (lane is not null)
            Put(request, lane, first);
        return lane;
    }

    // In the order of their numbers, then what has none yet, in the order that it came.
    private void MoveFrom(Lane lane)
    {
        for (var i = 0; i < _unanswered.Span; i++)
        {
            if (_unanswered[i] is not { } request || request.Lane != lane)
                continue;
            TakeOff(request);
            PutOn(request, NextLane(request));
            SendAgain(request);
        }
        lane.Again.Clear();
        while (lane.First.TryDequeue(out var request))
            Move(request, NextLane(request), first: true);
        while (lane.Queued.TryDequeue(out var request))
            Move(request, NextLane(request), first: false);
    }

    private static void Move(PendingRequest request, Lane lane, bool first)
    {
        Put(request, lane, first);
        lane.Work.Set();
    }

    private static void Put(PendingRequest request, Lane lane, bool first)
    {
        request.Lane = lane;
        (first ? lane.First : lane.Queued).Enqueue(request);
    }

    private static void PutOn(PendingRequest request, Lane lane)
    {
        request.Lane = lane;
        if (!request.MayWaitLong)
            lane.Unanswered++;
    }

    private static void TakeOff(PendingRequest request)
    {
        if (request.MayWaitLong)
            return;
        var lane = request.Lane!;
        lane.Unanswered--;
        if (lane is { IsRetiring: true, IsIdle: true })
            lane.Idle.Set();
    }

    private List<PendingRequest> TakeForgotten(Lane lane)
    {
        var forgotten = Unanswered().Where(request => request.Lane == lane && IsForgotten(request)).ToList();
        foreach (var request in forgotten)
            Forget(request);
        return forgotten;
    }

    private IEnumerable<PendingRequest> Unanswered()
    {
        for (var i = 0; i < _unanswered.Span; i++)
        {
            if (_unanswered[i] is { } request)
                yield return request;
        }
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

    private IEnumerable<PendingRequest> AllQueued() =>
        _lanes.Append(_waiting).SelectMany(static lane => lane.First.Concat(lane.Queued)).Concat(_shards.SelectMany(static shard => shard.Held));
}
