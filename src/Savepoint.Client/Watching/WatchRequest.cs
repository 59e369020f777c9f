using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>Begins a watch. One that begins when nobody waits for it any more is ended at once.</summary>
internal sealed class WatchRequest<T> : PendingRequest
    where T : ProfileData, new()
{
    private readonly Completion<WatchedProfile<T>> _completion;
    private readonly ClientCore _core;
    private readonly TimeSpan? _coalesce;

    public WatchRequest(ClientCore core, string kind, string id, TimeSpan? coalesce, byte[] body)
        : base("Watching the profile", body)
    {
        _completion = new(core.Context);
        _core = core;
        _coalesce = coalesce;
        Kind = kind;
        Id = id;
    }

    public Task<WatchedProfile<T>> Task => _completion.Task;

    public override void OnAnswer(ServerMessage answer)
    {
        if (answer.BodyCase == ServerMessage.BodyOneofCase.Snapshot)
            Begin(answer.Snapshot);
        else if (answer.BodyCase == ServerMessage.BodyOneofCase.Error)
            OnFailed(SavepointException.From(answer.Error));
        else
            OnFailed(SavepointException.Violation($"{Name} was answered with {answer.BodyCase}."));
    }

    public override void OnLateAnswer(ServerMessage answer)
    {
        if (answer.BodyCase == ServerMessage.BodyOneofCase.Snapshot)
            End();
    }

    public override void OnFailed(SavepointException exception) => _completion.SetException(exception);

    public override void OnCanceled(CancellationToken cancellationToken) => _completion.SetCanceled(cancellationToken);

    private void Begin(Snapshot snapshot)
    {
        try
        {
            var watch = new WatchSubscription(_core, Kind!, Id!, _coalesce, snapshot);
            var profile = new WatchedProfile<T>(watch);
            _core.Subscriptions.Attach(watch, this);
            _completion.SetResult(profile);
        }
        catch (DocumentException exception)
        {
            End();
            OnFailed(SavepointException.From(exception, Kind!, Id!));
        }
    }

    private void End() =>
        _core.Pipeline.Add(new Request<Unwatched>(
        _core.Context, "Ending the watch", MessageBody.Encode(new Unwatch { Watch = Number }), static answer => answer.Unwatched)
        {
            BoundTo = Lane,
        });
}
