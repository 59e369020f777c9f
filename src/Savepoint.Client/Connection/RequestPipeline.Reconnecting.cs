using Savepoint.Protocol;

namespace Savepoint.Client;

// What becomes of the requests when the connection, the writer or the database is another, and at the end.
internal sealed partial class RequestPipeline
{
    /// <summary>How long ago the oldest unanswered mutation was sent; zero without one. Past this age its outcome may be forgotten.</summary>
    public TimeSpan OldestAge()
    {
        lock (_gate)
        {
            for (var i = 0; i < _unanswered.Span; i++)
            {
                if (_unanswered[i] is { IsMutation: true } request)
                    return AgeOf(request);
            }
            return TimeSpan.Zero;
        }
    }

    private TimeSpan AgeOf(PendingRequest request) => Longer(time.GetElapsedTime(request.SentAt), time.GetUtcNow() - request.SentAtUtc);

    /// <summary>Whether a change is so old that servers may have forgotten its outcome: sent again, it could take effect a second time.</summary>
    private bool IsForgotten(PendingRequest request) => request.IsMutation && AgeOf(request) >= NodeConnections.WriterLifetime;

    // It is not sent any more, nor waited for.
    private void Forget(PendingRequest request)
    {
        if (_unanswered.Count >= _window)
            WakeAll();
        _unanswered.Remove(request.Number);
        request.SendAgainAt = long.MaxValue;
        TakeOff(request);
        Uncount(request);
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>A first connection as a new writer: what was sent and may have changed something fails as unknown; the rest gets new numbers.</summary>
    public void Restart(Lane lane)
    {
        List<PendingRequest> lost = [];
        lock (_gate)
        {
            var again = new Queue<PendingRequest>();
            foreach (var request in _unanswered.RemoveAll())
            {
                TakeOff(request);
                request.SendAgainAt = long.MaxValue;
                if (request.IsMutation)
                {
                    Uncount(request);
                    lost.Add(request);
                    continue;
                }
                request.State = RequestState.Queued;
                request.Lane = _waiting;
                again.Enqueue(request);
            }
            while (_waiting.First.TryDequeue(out var request))
                again.Enqueue(request);
            while (again.TryDequeue(out var request))
                _waiting.First.Enqueue(request);
            Open(lane);
        }
        FailAsForgotten(lost);
    }

    /// <summary>A first connection, to another database: nothing that was meant for the one before may reach it.</summary>
    public void RestartOnAnotherDatabase(Lane lane)
    {
        List<PendingRequest> all;
        lock (_gate)
        {
            all = RemoveAll();
            Open(lane);
        }
        foreach (var request in all)
            Fail(request, ClientErrorCodes.DatabaseChanged, "The server serves another database than before.");
    }

    /// <summary>Refuses all that comes and fails all that is there.</summary>
    public void Close()
    {
        List<PendingRequest> all;
        lock (_gate)
        {
            _isClosed = true;
            all = RemoveAll();
        }
        foreach (var request in all)
            Fail(request, ClientErrorCodes.Closed, "The client was shut down before the answer came.");
    }

    private static void FailAsForgotten(List<PendingRequest> requests)
    {
        foreach (var request in requests)
            Fail(request, ErrorCodes.WriterExpired, "The client was away for so long that nobody knows any more whether it took effect.");
    }

    private static void Fail(PendingRequest request, string code, string message)
    {
        if (request.IsAbandoned)
            return;
        var outcome = request.OutcomeIfLost;
        request.State = RequestState.Done;
        request.OnFailed(new SavepointException(code, message)
        {
            IsTransient = code == ClientErrorCodes.DatabaseChanged && outcome == RequestOutcome.NotApplied,
            Outcome = outcome,
            Kind = request.Kind,
            Id = request.Id,
        });
    }

    private List<PendingRequest> RemoveAll()
    {
        List<PendingRequest> all = [.. _unanswered.RemoveAll(), .. AllQueued()];
        foreach (var lane in _lanes.Append(_waiting))
        {
            lane.Again.Clear();
            lane.First.Clear();
            lane.Queued.Clear();
            lane.Unanswered = 0;
        }
        ForgetShards();
        _queuedCount = 0;
        return all;
    }
}
