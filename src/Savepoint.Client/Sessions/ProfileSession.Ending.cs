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
                    GiveUp();
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
        var request = CreateRelease();
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

    /// <summary>The session is over here with what was not saved, and must not be kept from others for as long as the connection lives.</summary>
    private void GiveUp()
    {
        Finish(SessionEndReason.GivenUp, null);
        Core.Run(ReleaseUnsavedAsync);
    }

    private async Task ReleaseUnsavedAsync()
    {
        var backoff = new Backoff(FirstRetry, LongestRetry, Core.Options.Random);
        while (true)
        {
            // Without a deadline: it is sent as soon as the server can be reached. A lease that runs out before ends the session as well.
            var request = CreateRelease();
            Core.Pipeline.Add(request);
            try
            {
                await request.Task;
                return;
            }
            catch (SavepointException exception) when (exception.IsTransient && exception.Code != ClientErrorCodes.DatabaseChanged)
            {
                await Core.Options.TimeProvider.After(exception.RetryAfter ?? backoff.Next(), default);
            }
        }
    }

    private Request<SessionEnded> CreateRelease() => new(
        Core.Context,
        "Ending the session",
        MessageBody.Encode(new EndSession { Kind = Kind, Id = Id, Session = (ulong)Number }),
        static answer => answer.BodyCase == ServerMessage.BodyOneofCase.SessionEnded ? answer.SessionEnded : null)
    {
        Kind = Kind,
        Id = Id,
    };
}
