using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// What the parts of a client share, and its one timer: requests and saves that take too long, autosaves and the keep-alive are all looked after in
/// one sweep, so that no request needs a timer of its own.
/// </summary>
internal sealed class ClientCore : IConnectionObserver, IAsyncDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(50);

    private readonly object _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly NodeConnections _connections;
    private readonly EventQueue _events;
    private List<ProfileSession> _busy = [];
    private Task _sweeping = Task.CompletedTask;

    public ClientCore(SavepointClientOptions options)
    {
        Options = options;
        Pipeline = new RequestPipeline(options.TimeProvider, options);
        Health = new SaveHealth(options.TimeProvider);
        _events = new EventQueue(ReportHandlerFailure);
        _connections = new NodeConnections(options, Pipeline, this);
        Health.Changed += critical => Raise(() => CriticalStateChanged?.Invoke(critical));
    }

    public event Action<bool>? CriticalStateChanged;

    public event Action<ConnectionChange>? ConnectionChanged;

    public event Action<TimeSpan>? Draining;

    public event Action<Exception>? HandlerFailed;

    public SavepointClientOptions Options { get; }

    public SynchronizationContext? Context => Options.SynchronizationContext;

    public RequestPipeline Pipeline { get; }

    public SubscriptionTable Subscriptions { get; } = new();

    public SaveHealth Health { get; }

    public bool IsConnected => _connections.IsConnected;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _connections.StartAsync(cancellationToken);
        _sweeping = ClientLoop.Start(Options.SynchronizationContext, SweepAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _connections.DisposeAsync();
        _closing.Cancel();
        await _sweeping;
        _closing.Dispose();
        Pipeline.Close();
        foreach (var subscription in Subscriptions.All)
        {
            if (subscription is ProfileSession session)
                session.Finish(SessionEndReason.GivenUp, null);
        }
    }

    private bool HasUnsavedChanges => Subscriptions.All.Any(static subscription => subscription is ProfileSession { HasUnsavedChanges: true });

    /// <summary>Starts something that nobody awaits; what goes wrong in it has been told by events.</summary>
    public void Run(Func<Task> run)
    {
        _ = ClientLoop.Start(Options.SynchronizationContext, RunAsync);

        async Task RunAsync()
        {
            try
            {
                await run();
            }
            catch (SavepointException)
            {
                // Sessions tell of it by their own events.
            }
        }
    }

    /// <summary>Looks after a session until it has nothing to save and nobody waits for it.</summary>
    public void AddBusy(ProfileSession session)
    {
        lock (_gate)
            _busy.Add(session);
    }

    public void ReportHandlerFailure(Exception exception) => HandlerFailed?.Invoke(exception);

    public void OnConnected(bool databaseChanged)
    {
        foreach (var subscription in Subscriptions.All)
        {
            if (databaseChanged)
                subscription.OnDatabaseChanged();
            if (subscription.CreateResume() is { } resume)
                Pipeline.Add(resume, first: true);
        }
        // Failed attempts to connect counted too; with nothing to save no save will tell that they are over.
        if (!HasUnsavedChanges)
            Health.Succeeded();
        Raise(() => ConnectionChanged?.Invoke(new ConnectionChange(true, null)));
    }

    public void OnDisconnected(Lane lane, Exception? cause, bool isLast)
    {
        foreach (var subscription in Subscriptions.Disconnect(lane))
        {
            subscription.OnDisconnected();
            if (!isLast && subscription.CreateResume() is { } resume)
                Pipeline.Add(resume, first: true);
        }
        if (isLast)
            Raise(() => ConnectionChanged?.Invoke(new ConnectionChange(false, cause)));
    }

    public void OnReconnectFailed(SavepointException exception)
    {
        // Without a connection nothing can be saved, whether or not something has to be at this moment.
        Health.Failed();
    }

    public void OnFault(Exception exception) => ReportHandlerFailure(exception);

    public void OnPush(ServerMessage push)
    {
        switch (push.BodyCase)
        {
            case ServerMessage.BodyOneofCase.Change:
                Subscriptions.Push(push.Change.Watch, push);
                break;
            case ServerMessage.BodyOneofCase.Snapshot:
                Subscriptions.Push(push.Snapshot.Watch, push);
                break;
            case ServerMessage.BodyOneofCase.SessionRequested:
                Subscriptions.Push(push.SessionRequested.Watch, push);
                break;
            case ServerMessage.BodyOneofCase.SessionEnded:
                Subscriptions.Push(push.SessionEnded.Watch, push);
                break;
            case ServerMessage.BodyOneofCase.EntityMessage:
                Subscriptions.Push(push.EntityMessage.Watch, push);
                break;
            case ServerMessage.BodyOneofCase.Error:
                // Not an answer to anything: the server says why it is about to close.
                ReportHandlerFailure(SavepointException.From(push.Error));
                break;
        }
    }

    // The sessions stay: they are resumed wherever the client connects next, within their lease. What is unsaved is saved while it can be.
    public void OnDraining(TimeSpan grace)
    {
        foreach (var subscription in Subscriptions.All)
        {
            if (subscription is ProfileSession { HasUnsavedChanges: true } session)
                session.Autosave();
        }
        Raise(() => Draining?.Invoke(grace));
    }

    private void Raise(Action raise)
    {
        _events.Add(raise);
        _events.Drain();
    }

    private async Task SweepAsync()
    {
        try
        {
            while (true)
            {
                await Options.TimeProvider.After(SweepInterval, _closing.Token);
                Pipeline.Sweep();
                _connections.Sweep();
                TickSessions();
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The client closes.
        }
    }

    private void TickSessions()
    {
        List<ProfileSession> busy;
        lock (_gate)
        {
            busy = _busy;
            _busy = [];
        }
        var now = Options.TimeProvider.GetTimestamp();
        foreach (var session in busy)
        {
            if (session.Tick(now))
                AddBusy(session);
        }
    }

    /// <summary>Sends a transaction.</summary>
    public Task<IReadOnlyList<long>> TransactAsync(Action<TransactionBuilder> build, string reason, CancellationToken cancellationToken)
    {
        var transaction = new TransactionBuilder(Subscriptions);
        build(transaction);
        if (transaction.Count == 0)
            throw new ArgumentException("The transaction changes nothing.", nameof(build));
        var request = new TransactRequest(Context, transaction.Encode(reason), transaction.Changes, Subscriptions) { IsMutation = true };
        Pipeline.Add(request, Options.RequestTimeout, cancellationToken);
        return request.Task;
    }
}
