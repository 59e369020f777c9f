using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

// The end of a session: the final save, then the release.
internal sealed partial class ProfileSession
{
    private bool _isEnding;
    private Task? _ending;

    /// <summary>
    /// Ends the session: 1. the last changes may be made (LastSaving, Saving); 2. everything is saved, again and again until it is durable;
    /// 3. the session is released. Release waits for the save's answer: were both in one frame, an overloaded server could refuse the save and
    /// still release the session, and the changes would be lost.
    /// </summary>
    public Task EndAsync(LastSaveReason reason)
    {
        lock (Gate)
        {
            if (!IsActive)
                return _ending ?? Task.CompletedTask;
            return _ending ??= EndOnceAsync(reason);
        }
    }

    private async Task EndOnceAsync(LastSaveReason reason)
    {
        await Task.Yield();
        Raise(() => LastSaving?.Invoke(reason));
        RaiseSaving();
        lock (Gate)
            _isEnding = true;
        RaiseEvents();

        var time = Core.Options.TimeProvider;
        var start = time.GetTimestamp();
        var backoff = new Backoff(FirstRetry, LongestRetry, Core.Options.Random);
        var refused = default(SavepointException);
        while (IsActive)
        {
            var left = Core.Options.FinalSaveTimeout - time.GetElapsedTime(start);
            try
            {
                await WaitForSave(left, default);
                await ReleaseAsync(left);
                break;
            }
            catch (SavepointException exception)
            {
                if (exception.Code == ErrorCodes.SessionLost)
                    break;
                if (!exception.IsTransient)
                    refused = await AfterRefusal(exception);
                else if (time.GetElapsedTime(start) >= Core.Options.FinalSaveTimeout)
                    Finish(SessionEndReason.GivenUp, null);
                else
                    await time.After(backoff.Next(), default);
            }
        }

        var ended = await _ended.Task;
        if (refused is not null)
            throw refused;
        if (ended.HadUnsavedChanges)
            throw LostException(ended);
    }

    // A refused change is taken back by now; what is left is saved, and the session released, all the same. A refused release is the end too: the
    // server has the last word on sessions.
    private ValueTask<SavepointException> AfterRefusal(SavepointException exception)
    {
        if (_isEndSent)
            Finish(SessionEndReason.GivenUp, null);
        return new ValueTask<SavepointException>(exception);
    }

    private async Task ReleaseAsync(TimeSpan timeout)
    {
        lock (Gate)
            _isEndSent = true;
        var body = MessageBody.Encode(new EndSession { Kind = Kind, Id = Id, Session = (ulong)Number });
        var request = new Request<SessionEnded>(
            Core.Context, "Ending the session", body, static answer => answer.BodyCase == ServerMessage.BodyOneofCase.SessionEnded ? answer.SessionEnded : null)
        {
            Kind = Kind,
            Id = Id,
        };
        Core.Pipeline.Add(request, timeout);
        try
        {
            await request.Task;
            Finish(SessionEndReason.Ended, null);
        }
        catch (SavepointException exception) when (exception.Code == ErrorCodes.SessionLost)
        {
            // Everything is saved, so another's session takes nothing away.
            Finish(SessionEndReason.Ended, exception.Holder);
        }
        catch (SavepointException exception) when (exception.IsTransient)
        {
            lock (Gate)
                _isEndSent = false;
            throw;
        }
    }
}
