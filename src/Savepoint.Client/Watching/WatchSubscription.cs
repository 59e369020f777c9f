using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>A watch: a copy that follows the server's and takes no changes here.</summary>
internal sealed class WatchSubscription : ReplicaHost
{
    private readonly TimeSpan? _coalesce;
    private bool _isResuming;
    private bool _isClosed;

    public WatchSubscription(ClientCore core, string kind, string id, TimeSpan? coalesce, Snapshot snapshot)
        : base(core, kind, id)
    {
        _coalesce = coalesce;
        lock (Gate)
            TakeSnapshot((long)snapshot.Version, snapshot.Removed ? default : snapshot.Document.Span);
    }

    public event Action<SavepointException>? Closed;

    public static byte[] Body(string kind, string id, TimeSpan? coalesce, long fromVersion)
    {
        var watch = new Watch { Kind = kind, Id = id, FromVersion = (ulong)fromVersion };
        if (coalesce is { } span)
            watch.CoalesceMs = (uint)span.TotalMilliseconds;
        return MessageBody.Encode(watch);
    }

    public override void OnPush(ServerMessage push)
    {
        if (push.BodyCase == ServerMessage.BodyOneofCase.Change)
            TakeChange(push.Change);
        else if (push.BodyCase == ServerMessage.BodyOneofCase.Snapshot)
            Take(push.Snapshot);
    }

    public override PendingRequest? CreateResume()
    {
        lock (Gate)
        {
            if (_isClosed || _isResuming)
                return null;
            _isResuming = true;
            return new ResumeRequest(this, Body(Kind, Id, _coalesce, Replica.Version)) { Kind = Kind, Id = Id };
        }
    }

    public override void OnDatabaseChanged()
    {
        lock (Gate)
            StartOver();
    }

    public async Task CloseAsync()
    {
        lock (Gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
        }
        foreach (var (watch, lane) in Core.Subscriptions.Remove(this))
        {
            var body = MessageBody.Encode(new Unwatch { Watch = watch });
            var request = new Request<Unwatched>(
                Core.Context, "Ending the watch", body, static answer => answer.BodyCase == ServerMessage.BodyOneofCase.Unwatched ? answer.Unwatched : null)
            {
                BoundTo = lane,
            };
            Core.Pipeline.Add(request, Core.Options.RequestTimeout);
            try
            {
                await request.Task;
            }
            catch (SavepointException)
            {
                // Without a connection, or a server that answers, there is nothing left to end.
            }
        }
    }

    protected override void Apply(DeltaWriter delta) =>
        throw new SavepointException(ClientErrorCodes.ReadOnly, "What is watched can't be changed; open a session.") { Kind = Kind, Id = Id };

    protected override void Close(SavepointException exception)
    {
        lock (Gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
        }
        Core.Subscriptions.Remove(this);
        Events.Add(() => Closed?.Invoke(exception));
        RaiseEvents();
    }

    private void Take(Snapshot snapshot)
    {
        if ((long)snapshot.Version < Version)
            return;
        if (!TryTakeSnapshot((long)snapshot.Version, snapshot.Removed ? default : snapshot.Document.Span))
            Close(SavepointException.Violation("The server sent a snapshot that is no document."));
    }

    private void OnResumed(PendingRequest request, ServerMessage answer)
    {
        lock (Gate)
            _isResuming = false;
        switch (answer.BodyCase)
        {
            case ServerMessage.BodyOneofCase.WatchResumed:
                Core.Subscriptions.Attach(this, request);
                break;
            case ServerMessage.BodyOneofCase.Snapshot:
                Core.Subscriptions.Attach(this, request);
                Take(answer.Snapshot);
                break;
            case ServerMessage.BodyOneofCase.Error:
                OnResumeFailed(SavepointException.From(answer.Error));
                break;
            default:
                Close(SavepointException.Violation($"Resuming a watch was answered with {answer.BodyCase}."));
                break;
        }
    }

    private void OnResumeFailed(SavepointException exception)
    {
        // Of another database the client hears by itself, and resumes then.
        if (exception.Code == ClientErrorCodes.DatabaseChanged)
            return;
        if (exception.IsTransient)
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

    private sealed class ResumeRequest(WatchSubscription watch, byte[] body) : PendingRequest("Resuming the watch", body)
    {
        public override void OnAnswer(ServerMessage answer) => watch.OnResumed(this, answer);

        public override void OnFailed(SavepointException exception)
        {
            lock (watch.Gate)
                watch._isResuming = false;
            watch.OnResumeFailed(exception);
        }

        public override void OnCanceled(CancellationToken cancellationToken)
        {
        }
    }
}
