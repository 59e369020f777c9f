using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

// Changes that were sent again after a break, and then refused for now. The refusal speaks of the repeat: of an earlier sending, whose answer was lost with
// the connection, it says nothing. Under a new number the change could take effect twice, so it stays under its own until there is an answer that settles it.
internal sealed partial class RequestPipeline
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMilliseconds(500);

    private readonly Queue<PendingRequest> _again = new();

    private static bool IsForNow(ServerMessage answer) =>
        answer is { BodyCase: ServerMessage.BodyOneofCase.Error, Error: { Transient: true, OutcomeUnknown: false } };

    /// <summary>Keeps a request that was refused for now, if that settles nothing.</summary>
    private bool TryPutOff(ServerMessage answer)
    {
        PendingRequest? request;
        lock (_gate)
        {
            request = _unanswered.Find(answer.Request);
            if (request is not { IsMutation: true, WasSentAgain: true, IsAbandoned: false })
                return false;
            var wait = answer.Error.RetryAfterMs > 0 ? TimeSpan.FromMilliseconds(answer.Error.RetryAfterMs) : RepeatAfter;
            request.SendAgainAt = time.GetTimestamp() + time.Ticks(wait);
        }
        request.OnPutOff();
        return true;
    }

    private void SendAgainWhatIsDue(long now)
    {
        for (var i = 0; i < _unanswered.Span; i++)
        {
            if (_unanswered[i] is not { } request || request.SendAgainAt > now)
                continue;
            request.SendAgainAt = long.MaxValue;
            _again.Enqueue(request);
        }
        if (_again.Count > 0)
            Work.Set();
    }

    // False when the frame is full before all of it is in.
    private bool AddAgain(FrameBuilder frame)
    {
        while (_again.TryPeek(out var request))
        {
            if (!frame.HasRoom(request.Body.Length, BatchBytes))
                return false;
            _again.Dequeue();
            frame.Add(request.Number, request.Body);
        }
        return true;
    }

    /// <summary>All that is unanswered is sent again anyway, or not at all any more.</summary>
    private void ForgetPutOff()
    {
        _again.Clear();
        for (var i = 0; i < _unanswered.Span; i++)
        {
            if (_unanswered[i] is { } request)
                request.SendAgainAt = long.MaxValue;
        }
    }
}
