using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

// Changes whose outcome nobody knows: a server says so, or refuses a repeat for now. That refusal speaks of the repeat: of an earlier sending, whose answer was
// lost with the connection, it says nothing. Under a new number the change could take effect twice, so it stays under its own until there is an answer that
// settles it, or until it is so old that its outcome may be forgotten: then even under its number it could take effect twice.
internal sealed partial class RequestPipeline
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMilliseconds(500);

    private static bool SettlesNothing(PendingRequest request, ServerMessage answer) => request is { IsMutation: true, WasSentAgain: true }
        ? HasError(answer, static error => error.OutcomeUnknown || error.Transient)
        : HasError(answer, static error => error.OutcomeUnknown);

    /// <summary>Keeps a request that was refused in a way that settles nothing; a change that is too old to be sent again fails as unknown.</summary>
    private bool TryPutOff(ServerMessage answer)
    {
        if (!HasError(answer, static error => error.Transient || error.OutcomeUnknown))
            return false;
        PendingRequest? request;
        bool isForgotten;
        lock (_gate)
        {
            request = _unanswered.Find(answer.Request);
            if (request is null or { IsAbandoned: true } || !SettlesNothing(request, answer))
                return false;
            isForgotten = IsForgotten(request);
            if (isForgotten)
                Forget(request);
            else if (AgeOf(request) < NodeConnections.WriterLifetime)
                request.SendAgainAt = time.GetTimestamp() + time.Ticks(RetryAfter(answer));
            else
                return false;
        }
        request.OnPartlyAnswered(answer);
        if (isForgotten)
            FailAsForgotten([request]);
        else
            request.OnPutOff();
        return true;
    }

    // A batch is sent again as a whole for any of its parts: the others are answered as before.
    private static bool HasError(ServerMessage answer, Func<Error, bool> condition) => answer.BodyCase switch
    {
        ServerMessage.BodyOneofCase.Error => condition(answer.Error),
        ServerMessage.BodyOneofCase.BatchResult => answer.BatchResult.Parts.Any(part => part.Error is not null && condition(part.Error)),
        _ => false,
    };

    private static TimeSpan RetryAfter(ServerMessage answer)
    {
        var retryAfterMs = answer.Error?.RetryAfterMs ?? answer.BatchResult.Parts.Max(static part => part.Error?.RetryAfterMs ?? 0);
        return retryAfterMs > 0 ? TimeSpan.FromMilliseconds(retryAfterMs) : RepeatAfter;
    }

    private static bool IsOfNodeThatGoesDown(ServerMessage answer) => answer.BodyCase switch
    {
        ServerMessage.BodyOneofCase.Error or ServerMessage.BodyOneofCase.BatchResult =>
            HasError(answer, static error => error is { Transient: true, Code: ErrorCodes.ShuttingDown }),
        ServerMessage.BodyOneofCase.SessionOpened => answer.SessionOpened.Result == SessionOpened.Types.Result.ShuttingDown,
        _ => false,
    };

    /// <summary>
    /// What a node refuses since it goes down is sent again to another one, under its number: a session may have been granted while the node already gave up
    /// waiting for it, and asked for under another number, it would be held by the client itself.
    /// </summary>
    private bool TryMoveOn(Lane lane, ServerMessage answer)
    {
        if (!IsOfNodeThatGoesDown(answer))
            return false;
        PendingRequest? request;
        lock (_gate)
        {
            request = _unanswered.Find(answer.Request);
            if (request is null or { IsAbandoned: true } || IsForgotten(request) || !IsForElsewhere(request, lane))
                return false;
            TakeOff(request);
            PutOn(request, request.Place?.First.Best ?? _default!);
            SendAgain(request);
        }
        request.OnPartlyAnswered(answer);
        return true;
    }

    /// <summary>Whether a request that a lane has brought an answer to would go to another one now.</summary>
    private bool IsForElsewhere(PendingRequest request, Lane lane) =>
        (request.Place?.First.Best ?? _default) is { IsOpen: true, IsRetiring: false } next && next != lane;

    /// <returns>What is too old for that, taken out.</returns>
    private List<PendingRequest> SendAgainWhatIsDue(long now)
    {
        List<PendingRequest> forgotten = [];
        for (var i = 0; i < _unanswered.Span; i++)
        {
            if (_unanswered[i] is not { } request || request.SendAgainAt > now)
                continue;
            if (IsForgotten(request))
                forgotten.Add(request);
            else
                SendAgain(request);
        }
        foreach (var request in forgotten)
            Forget(request);
        return forgotten;
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
