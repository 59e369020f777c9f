using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

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
                    return Longer(time.GetElapsedTime(request.SentAt), time.GetUtcNow() - request.SentAtUtc);
            }
            return TimeSpan.Zero;
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>A new connection of the same writer: send again what is unanswered.</summary>
    public void Resume(Welcome welcome)
    {
        lock (_gate)
        {
            Take(welcome);
            ForgetPutOff();
            _sendNext = 0;
        }
        Work.Set();
    }

    /// <summary>A new writer: what was sent and may have changed something fails as unknown; the rest gets new numbers.</summary>
    public void Restart(Welcome welcome)
    {
        var lost = new List<PendingRequest>();
        lock (_gate)
        {
            Take(welcome);
            ForgetPutOff();
            var again = new Queue<PendingRequest>();
            foreach (var request in _unanswered.RemoveAll())
            {
                if (request.IsMutation)
                {
                    lost.Add(request);
                    continue;
                }
                request.State = RequestState.Queued;
                again.Enqueue(request);
            }
            while (_first.TryDequeue(out var request))
                again.Enqueue(request);
            while (again.TryDequeue(out var request))
                _first.Enqueue(request);
            _sendNext = 0;
        }
        foreach (var request in lost)
            Fail(request, ErrorCodes.WriterExpired, "The client was away for so long that nobody knows any more whether it took effect.");
        Work.Set();
    }

    /// <summary>Another database: nothing that was meant for the one before may reach it.</summary>
    public void RestartOnAnotherDatabase(Welcome welcome)
    {
        List<PendingRequest> all;
        lock (_gate)
        {
            Take(welcome);
            all = RemoveAll();
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
        ForgetPutOff();
        List<PendingRequest> all = [.. _unanswered.RemoveAll(), .. _first, .. _queued];
        _first.Clear();
        _queued.Clear();
        _sendNext = 0;
        return all;
    }

    private void Take(Welcome welcome)
    {
        _window = Math.Max(1, (int)Math.Min((uint)options.Window, welcome.Window == 0 ? uint.MaxValue : welcome.Window));
        _maxFrameBytes = welcome.MaxFrameBytes == 0 ? options.MaxFrameBytes : (int)Math.Min(welcome.MaxFrameBytes, int.MaxValue);
    }
}
