using Google.Protobuf;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// The client's connections: one to whichever server answers, and with a cluster one to each node that owns something. All go on as one writer. This file has
/// how connections come, serve and go; the others have how they are made, and what becomes of them when their node goes down.
/// What they bring is handled one frame at a time, as if there were one connection: so what a request sets up is there before what follows on it.
/// </summary>
internal sealed partial class NodeConnections : IAsyncDisposable
{
    // Outcomes are forgotten after 10 minutes; the rest is for clocks that differ and for the way.
    public static readonly TimeSpan WriterLifetime = TimeSpan.FromMinutes(9);

    private readonly SavepointClientOptions _options;
    private readonly RequestPipeline _pipeline;
    private readonly IConnectionObserver _observer;
    private readonly NodeConnector _connector;
    private readonly NodeTargets _targets;
    private readonly CancellationTokenSource _closing = new();
    private readonly AsyncSignal _alone = new();
    private readonly ClusterMap _map = new();
    private readonly List<Task> _running = [];

    // Guards all that follows. Held while a frame is handled, so by the receiving flows mostly.
    private readonly object _flow = new();
    private ByteString _writer = ByteString.Empty;
    private ByteString _database = ByteString.Empty;
    private volatile NodeConnection[] _live = [];
    private volatile bool _isClosing;

    public NodeConnections(SavepointClientOptions options, RequestPipeline pipeline, IConnectionObserver observer)
    {
        (_options, _pipeline, _observer) = (options, pipeline, observer);
        _connector = new NodeConnector(options);
        _targets = new NodeTargets(options);
    }

    /// <summary>Whether there is a connection now.</summary>
    public bool IsConnected => _live.Any(static connection => connection.IsOpen);

    /// <summary>Connects for the first time, to the first of the servers that answers, and keeps connected from then on.</summary>
    /// <exception cref="SavepointException">None has answered; there is no second attempt.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await TryAnyAsync(_targets.Seeds, cancellationToken) is { } failure)
            throw failure;
        Run(KeepConnectedAsync);
    }

    /// <summary>Asks silent nodes for a word, and gives dead connections up.</summary>
    public void Sweep()
    {
        foreach (var connection in _live)
            connection.Sweep();
    }

    /// <summary>Closes in good order and stays closed.</summary>
    public async ValueTask DisposeAsync()
    {
        // Without the lock: a handler that runs under it may wait for the caller of this.
        _isClosing = true;
        await Task.WhenAll(_live.Select(static connection => connection.CloseAsync("The client shuts down.")));
        _closing.Cancel();
        _alone.Set();
        Task[] running;
        lock (_running)
            running = [.. _running];
        await Task.WhenAll(running);
        _closing.Dispose();
    }

    private void Run(Func<Task> loop)
    {
        var task = ClientLoop.Start(_options.SynchronizationContext, loop);
        lock (_running)
        {
            _running.RemoveAll(static running => running.IsCompletedSuccessfully);
            _running.Add(task);
        }
    }

    private void Enter(NodeConnection connection, Welcome welcome, ByteString writer)
    {
        if (_isClosing)
            throw NodeConnector.Failed("The client shuts down.");
        if (_live.Length > 0)
            Join(connection, welcome);
        else
            EnterFirst(connection, welcome, writer);
        _dialing.Remove(connection.Lane.Node);
        DialOwners();
    }

    private void EnterFirst(NodeConnection connection, Welcome welcome, ByteString writer)
    {
        var databaseChanged = !_database.IsEmpty && welcome.Database != _database;
        var sameWriter = !writer.IsEmpty && welcome.Writer == writer;
        if (sameWriter && writer != _writer)
            throw NodeConnector.Failed("The client is another writer by now.");
        if (databaseChanged && sameWriter)
        {
            // The numbers of one writer can't begin again.
            _writer = ByteString.Empty;
            throw NodeConnector.Failed("The server serves another database; connecting as another writer.");
        }
        (_writer, _database) = (welcome.Writer, welcome.Database);
        _live = [connection];
        if (databaseChanged)
            RestartOnAnotherDatabase(connection.Lane);
        else if (sameWriter)
            _pipeline.Resume(connection.Lane);
        else
            _pipeline.Restart(connection.Lane);
        _observer.OnConnected(databaseChanged);
    }

    private void RestartOnAnotherDatabase(Lane lane)
    {
        _map.Clear();
        _pipeline.RestartOnAnotherDatabase(lane);
    }

    private void Join(NodeConnection connection, Welcome welcome)
    {
        if (welcome.Writer != _writer || welcome.Database != _database)
            throw NodeConnector.Failed("The node does not serve the same database, or not the same writer.");
        // A node keeps one connection of a writer: it is ending an earlier one by now.
        foreach (var former in _live.Where(former => !former.Lane.Node.IsEmpty && former.Lane.Node == connection.Lane.Node))
            _pipeline.Retire(former.Lane);
        _live = [.. _live, connection];
        _pipeline.Resume(connection.Lane);
    }

    private async Task ServeAsync(NodeConnection connection)
    {
        var cause = await connection.ServeAsync(HandleFrame, _closing.Token);
        if (cause is not null && !NodeConnection.IsLoss(cause))
            _observer.OnFault(cause);
        lock (_flow)
            Lose(connection, cause);
    }

    private void Lose(NodeConnection connection, Exception? cause)
    {
        _live = [.. _live.Where(other => other != connection)];
        _pipeline.Lose(connection.Lane);
        _observer.OnDisconnected(connection.Lane, cause, isLast: _live.Length == 0);
        if (_live.Length == 0)
            _alone.Set();
        else
            DialOwners(lost: connection.Lane.Node);
    }

    private void HandleFrame(NodeConnection connection, ServerFrame frame, int from)
    {
        lock (_flow)
        {
            for (var i = from; i < frame.Messages.Count; i++)
                Handle(connection, frame.Messages[i]);
        }
    }

    private void Handle(NodeConnection connection, ServerMessage message)
    {
        if (message.Request != 0)
            _pipeline.Answer(connection.Lane, message);
        else if (message.BodyCase == ServerMessage.BodyOneofCase.ShardMap)
            TakeMap(message.ShardMap);
        else if (message.BodyCase == ServerMessage.BodyOneofCase.Draining)
            MoveAway(connection, TimeSpan.FromMilliseconds(message.Draining.GraceMs));
        else
            _observer.OnPush(message);
    }

    private void TakeMap(ShardMap map)
    {
        if (!_targets.IsDirect)
            return;
        _map.Take(map);
        _pipeline.TakeMap(_map);
        DialOwners();
    }
}
