using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// A session on a profile: the local changes on top of the server's document, their saves, and what the server tells of the session. This file has
/// the subscription and the end; the others have the changes, the saves and the messages.
/// </summary>
internal sealed partial class ProfileSession : ReplicaHost
{
    private readonly SessionOptions _options;
    private readonly Completion<SessionEndedInfo> _ended;
    private bool _isLive = true;
    private bool _isResuming;
    private bool _isEndSent;

    /// <summary>Takes over what the server answered; on the receiving flow, so that no push comes before.</summary>
    public ProfileSession(ClientCore core, string kind, string id, SessionOptions options, SessionOpened opened)
        : base(core, kind, id)
    {
        _options = options;
        _ended = new(core.Context);
        Number = (long)opened.Session;
        IsCreated = opened.Created;
        lock (Gate)
            TakeSnapshot((long)opened.Version, opened.Document.Span);
        Keep(opened.Messages);
    }

    /// <summary>The fencing number.</summary>
    public long Number { get; }

    /// <summary>Whether opening the session made the profile.</summary>
    public bool IsCreated { get; }

    public bool IsActive { get; private set; } = true;

    /// <summary>The time by the client's clock.</summary>
    public DateTimeOffset Now => Core.Options.TimeProvider.GetUtcNow();

    /// <summary>What is shown; read under the lock.</summary>
    public Document Shown => Replica.Shown;

    /// <summary>A copy of what the server has.</summary>
    public Document CopySaved()
    {
        lock (Gate)
            return Replica.Confirmed.Clone();
    }

    /// <summary>Whether the server has something at a path now.</summary>
    public async Task<bool> IsStoredAsync(Path path, CancellationToken cancellationToken)
    {
        var request = new Request<Snapshot>(
            Core.Context,
            "Reading the profile",
            MessageBody.Encode(new Get { Kind = Kind, Id = Id }),
            static answer => answer.BodyCase == ServerMessage.BodyOneofCase.Snapshot ? answer.Snapshot : null)
        {
            Kind = Kind,
            Id = Id,
        };
        Core.Pipeline.Add(request, Core.Options.RequestTimeout, cancellationToken);
        var snapshot = await request.Task;
        return !snapshot.Document.IsEmpty && Document.Decode(snapshot.Document.Span).TryGet(path, out _);
    }

    /// <summary>The public face, for events that carry it.</summary>
    public Profile? Profile { get; set; }

    public event Action<SessionEndedInfo>? SessionEnded;

    public override void OnPush(ServerMessage push)
    {
        switch (push.BodyCase)
        {
            case ServerMessage.BodyOneofCase.Change:
                TakeChange(push.Change);
                break;
            case ServerMessage.BodyOneofCase.Snapshot:
                if ((long)push.Snapshot.Version >= Version)
                    TryTakeSnapshot((long)push.Snapshot.Version, push.Snapshot.Removed ? default : push.Snapshot.Document.Span);
                break;
            case ServerMessage.BodyOneofCase.EntityMessage:
                Keep([push.EntityMessage]);
                RaiseEvents();
                break;
            case ServerMessage.BodyOneofCase.SessionRequested:
                OnRequested(push.SessionRequested.Requester);
                break;
            case ServerMessage.BodyOneofCase.SessionEnded:
                Finish(ReasonOf(push.SessionEnded.Reason), push.SessionEnded.Holder);
                break;
        }
    }

    public override PendingRequest? CreateResume()
    {
        lock (Gate)
        {
            if (!IsActive || _isResuming || _isEndSent)
                return null;
            _isResuming = true;
            var body = MessageBody.Encode(new OpenSession
            {
                Kind = Kind,
                Id = Id,
                Resume = (ulong)Number,
                FromVersion = (ulong)Replica.Version,
            });
            return new ResumeRequest(this, body) { Kind = Kind, Id = Id };
        }
    }

    public override void OnDisconnected()
    {
        lock (Gate)
            _isLive = false;
    }

    public override void OnDatabaseChanged() => Finish(SessionEndReason.DatabaseChanged, null);

    protected override void Close(SavepointException exception)
    {
        Core.ReportHandlerFailure(exception);
        if (exception.Code == ClientErrorCodes.DatabaseChanged)
            Finish(SessionEndReason.DatabaseChanged, null);
        else
            GiveUp();
    }

    /// <summary>The session is over, whoever ended it.</summary>
    public void Finish(SessionEndReason reason, string? holder)
    {
        lock (Gate)
        {
            if (!IsActive)
                return;
            IsActive = false;
            var info = new SessionEndedInfo(reason, string.IsNullOrEmpty(holder) ? null : holder, !_changes.IsEmpty);
            _waiters.Fail(0, LostException(info));
            _changes.Clear();
            _messages.Clear();
            Events.Add(() =>
            {
                _ended.SetResult(info);
                SessionEnded?.Invoke(info);
            });
        }
        Core.Subscriptions.Remove(this);
        RaiseEvents();
    }

    private static SessionEndReason ReasonOf(Protocol.Messages.SessionEnded.Types.Reason reason) => reason switch
    {
        Protocol.Messages.SessionEnded.Types.Reason.Ended => SessionEndReason.Ended,
        Protocol.Messages.SessionEnded.Types.Reason.LeaseExpired => SessionEndReason.LeaseExpired,
        Protocol.Messages.SessionEnded.Types.Reason.Removed => SessionEndReason.Removed,
        Protocol.Messages.SessionEnded.Types.Reason.DatabaseChanged => SessionEndReason.DatabaseChanged,
        _ => SessionEndReason.Stolen,
    };

    private SavepointException LostException(SessionEndedInfo? info = null) =>
        new(ErrorCodes.SessionLost, $"The session of {Kind}/{Id} is over{(info is null ? "" : $": {info.Reason}")}.")
        {
            Kind = Kind,
            Id = Id,
            Holder = info?.Holder,
        };

    private void OnRequested(string requester)
    {
        var handOver = true;
        if (_options.HandOver is { } decide)
        {
            try
            {
                handOver = decide(new SessionRequest(Profile!, requester));
            }
            catch (Exception exception)
            {
                Core.ReportHandlerFailure(exception);
            }
        }
        if (handOver)
            Core.Run(() => EndAsync(LastSaveReason.External));
    }

    private void OnResumed(PendingRequest request, ServerMessage answer)
    {
        lock (Gate)
            _isResuming = false;
        if (answer.BodyCase == ServerMessage.BodyOneofCase.SessionOpened)
            OnResumed(request, answer.SessionOpened);
        else if (answer.BodyCase == ServerMessage.BodyOneofCase.Error)
            OnResumeFailed(SavepointException.From(answer.Error));
        else
            Close(SavepointException.Violation($"Resuming a session was answered with {answer.BodyCase}."));
    }

    private void OnResumed(PendingRequest request, SessionOpened opened)
    {
        if (opened.Result == SessionOpened.Types.Result.ShuttingDown)
        {
            Core.Run(ResumeLaterAsync);
            return;
        }
        if (opened.Result != SessionOpened.Types.Result.Acquired || (long)opened.Session != Number)
        {
            Finish(SessionEndReason.Stolen, opened.Holder);
            return;
        }
        Core.Subscriptions.Attach(this, request);
        if (!opened.Document.IsEmpty && !TryTakeSnapshot((long)opened.Version, opened.Document.Span))
        {
            GiveUp();
            return;
        }
        Keep(opened.Messages);
        lock (Gate)
        {
            _isLive = true;
            Flush();
        }
        RaiseEvents();
    }

    private void OnResumeFailed(SavepointException exception)
    {
        if (exception.Code == ErrorCodes.SessionLost)
            Finish(exception.Holder is null ? SessionEndReason.LeaseExpired : SessionEndReason.Stolen, exception.Holder);
        else if (exception.Code == ClientErrorCodes.Closed)
            Finish(SessionEndReason.GivenUp, null);
        else if (exception.IsTransient && exception.Code != ClientErrorCodes.DatabaseChanged)
            Core.Run(ResumeLaterAsync);
        else
            Close(exception);
    }

    private async Task ResumeLaterAsync()
    {
        await Core.Options.TimeProvider.After(TimeSpan.FromSeconds(1), default);
        if (CreateResume() is { } resume)
            Core.Pipeline.Add(resume, first: true);
    }

    private sealed class ResumeRequest(ProfileSession session, byte[] body) : PendingRequest("Resuming the session", body)
    {
        public override void OnAnswer(ServerMessage answer) => session.OnResumed(this, answer);

        public override void OnFailed(SavepointException exception)
        {
            lock (session.Gate)
                session._isResuming = false;
            session.OnResumeFailed(exception);
        }

        public override void OnCanceled(CancellationToken cancellationToken)
        {
        }
    }
}
