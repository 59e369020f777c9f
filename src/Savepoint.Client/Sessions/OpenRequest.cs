using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>Opens a session. One that comes when nobody waits for it any more is released at once.</summary>
internal sealed class OpenRequest<T> : Request<SessionOpenResult<T>>
    where T : ProfileData, new()
{
    private readonly ClientCore _core;
    private readonly string _kind;
    private readonly string _id;
    private readonly SessionOptions _options;

    private OpenRequest(ClientCore core, string kind, string id, SessionOptions options, byte[] body, Func<ServerMessage, SessionOpenResult<T>?> read)
        : base(core.Context, "Opening the session", body, read)
    {
        _core = core;
        _kind = kind;
        _id = id;
        _options = options;
        Kind = kind;
        Id = id;
        MayWaitLong = options.Conflict == SessionConflict.Wait;
    }

    public static OpenRequest<T> Create(ClientCore core, string kind, string id, SessionOptions options, Document template, int templateVersion)
    {
        var body = MessageBody.Encode(new OpenSession
        {
            Kind = kind,
            Id = id,
            Policy = (SessionConflictPolicy)options.Conflict,
            WaitTimeoutMs = (uint)options.WaitTimeout.TotalMilliseconds,
            Template = Google.Protobuf.UnsafeByteOperations.UnsafeWrap(template.ToBytes()),
            TemplateVersion = (uint)templateVersion,
        });
        OpenRequest<T> request = null!;
        request = new OpenRequest<T>(core, kind, id, options, body, answer => request.Read(answer));
        return request;
    }

    /// <summary>
    /// Sent again after a break, an opening that waits may be below what was reported as received. Then the server can't tell whether it was granted, and
    /// only knows that it has no session now. To wait once more takes nothing from anybody; one that steals is never sent a second time as another.
    /// </summary>
    public override bool IsToBeAskedAnew(ServerMessage answer) =>
        MayWaitLong && answer is { BodyCase: ServerMessage.BodyOneofCase.Error, Error.Code: ErrorCodes.RequestForgotten };

    public override void OnLateAnswer(ServerMessage answer)
    {
        if (answer.BodyCase == ServerMessage.BodyOneofCase.SessionOpened && answer.SessionOpened.Result == SessionOpened.Types.Result.Acquired)
            Release(answer.SessionOpened.Session);
    }

    private SessionOpenResult<T>? Read(ServerMessage answer)
    {
        if (answer.BodyCase != ServerMessage.BodyOneofCase.SessionOpened)
            return null;
        var opened = answer.SessionOpened;
        return opened.Result switch
        {
            SessionOpened.Types.Result.Acquired => new SessionOpenResult<T>.Acquired(Acquire(opened)),
            SessionOpened.Types.Result.HeldElsewhere =>
                new SessionOpenResult<T>.HeldElsewhere(opened.Holder, DateTimeOffset.FromUnixTimeMilliseconds(opened.SinceUnixMs)),
            SessionOpened.Types.Result.ShuttingDown => new SessionOpenResult<T>.ShuttingDown(),
            _ => null,
        };
    }

    private Profile<T> Acquire(SessionOpened opened)
    {
        try
        {
            var session = new ProfileSession(_core, _kind, _id, _options, opened);
            var profile = new Profile<T>(session);
            _core.Subscriptions.Attach(session, this);
            return profile;
        }
        catch (DocumentException)
        {
            // What can't be read is left alone; defaults never take its place.
            Release(opened.Session);
            throw;
        }
    }

    private void Release(ulong session)
    {
        var body = MessageBody.Encode(new EndSession { Kind = _kind, Id = _id, Session = session });
        _core.Pipeline.Add(new Request<SessionEnded>(_core.Context, "Ending the session", body, static answer => answer.SessionEnded) { Kind = _kind, Id = _id });
    }
}
