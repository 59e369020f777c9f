using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

// Changes that were sent again after a break, and then refused for now. The refusal speaks of the repeat: of an earlier sending, whose answer was lost with
// the connection, it says nothing. Under a new number the change could take effect twice, so it stays under its own until there is an answer that settles it.
internal sealed partial class RequestPipeline
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMilliseconds(500);

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

    /// <summary>What a node refuses since it goes down is sent again to another one, under its number.</summary>
    private bool TryMoveOn(Lane lane, ServerMessage answer)
    {
        if (answer.Error.Code != ErrorCodes.ShuttingDown)
            return false;
        lock (_gate)
        {
            var request = _unanswered.Find(answer.Request);
            if (request is null or { IsAbandoned: true } || !IsForElsewhere(request, lane))
                return false;
            TakeOff(request);
            PutOn(request, request.Place?.First.Best ?? _default!);
            SendAgain(request);
            return true;
        }
    }

    /// <summary>Whether a request that a lane has brought an answer to would go to another one now.</summary>
    private bool IsForElsewhere(PendingRequest request, Lane lane) =>
        (request.Place?.First.Best ?? _default) is { IsOpen: true, IsRetiring: false } next && next != lane;

    private void SendAgainWhatIsDue(long now)
    {
        for (var i = 0; i < _unanswered.Span; i++)
        {
            if (_unanswered[i] is not { } request || request.SendAgainAt > now)
                continue;
            SendAgain(request);
        }
    }

    // Without a connection it is sent again on the next one anyway.
    private static void SendAgain(PendingRequest request)
    {
        request.SendAgainAt = long.MaxValue;
        if (request.Lane is not { IsOpen: true } lane)
            return;
        lane.Again.Enqueue(request);
        lane.Work.Set();
    }

    // False when the frame is full before all of it is in.
    private static bool AddAgain(Lane lane, FrameBuilder frame)
    {
        while (lane.Again.TryPeek(out var request))
        {
            var isWanted = request.State == RequestState.Sent && request.Lane == lane;
            if (isWanted && !frame.HasRoom(request.Body.Length, BatchBytes))
                return false;
            lane.Again.Dequeue();
            if (!isWanted)
                continue;
            request.WasSentAgain = true;
            frame.Add(request.Number, request.Body);
        }
        return true;
    }
}
