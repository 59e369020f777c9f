using Google.Protobuf;
using Savepoint.Protocol;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// The client's connection to the server, made again whenever it breaks, until it is closed. It sends what the pipeline has, hands it the
/// answers, and the observer everything else.
/// </summary>
internal sealed class ServerConnection(SavepointClientOptions options, RequestPipeline pipeline, IConnectionObserver observer) : IAsyncDisposable
{
    // Outcomes are forgotten after 10 minutes; the rest is for clocks that differ and for the way.
    private static readonly TimeSpan WriterLifetime = TimeSpan.FromMinutes(9);

    private readonly Greeting _greeting = new(options.Credentials!);
    private readonly CancellationTokenSource _closing = new();
    private ByteString _writer = ByteString.Empty;
    private ByteString _database = ByteString.Empty;
    private NodeConnection? _connection;
    private Task _running = Task.CompletedTask;
    private volatile bool _isClosing;

    /// <summary>Whether there is a connection now.</summary>
    public bool IsConnected => _connection is { IsOpen: true };

    /// <summary>Connects for the first time and keeps connected from then on.</summary>
    /// <exception cref="SavepointException">The attempt failed; there is no second one.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _connection = await ConnectAsync(cancellationToken);
        _running = ClientLoop.Start(options.SynchronizationContext, RunAsync);
    }

    /// <summary>Asks a silent server for a word, and gives a dead connection up.</summary>
    public void Sweep() => _connection?.Sweep();

    /// <summary>Closes in good order and stays closed.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosing = true;
        if (_connection is { } connection)
            await connection.CloseAsync("The client shuts down.");
        _closing.Cancel();
        await _running;
        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            var connection = _connection!;
            var cause = await connection.ServeAsync(HandleFrame, _closing.Token);
            if (cause is not null && !NodeConnection.IsLoss(cause))
                observer.OnFault(cause);
            pipeline.Lose(connection.Lane);
            observer.OnDisconnected(cause);
            if (_isClosing)
                return;
            _connection = await ReconnectAsync();
            if (_connection is null)
                return;
        }
    }

    private void HandleFrame(NodeConnection connection, ServerFrame frame, int from)
    {
        for (var i = from; i < frame.Messages.Count; i++)
        {
            var message = frame.Messages[i];
            if (message.Request != 0)
                pipeline.Answer(connection.Lane, message);
            else
                observer.OnPush(message);
        }
    }

    private async Task<NodeConnection?> ReconnectAsync()
    {
        var backoff = new Backoff(options.ReconnectMinDelay, options.ReconnectMaxDelay, options.Random);
        while (true)
        {
            try
            {
                await options.TimeProvider.After(backoff.Next(), _closing.Token);
                return await ConnectAsync(_closing.Token);
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                return null;
            }
            catch (SavepointException exception)
            {
                // The server forgot the writer, or does not know it as its own any more; as a new one the client gets in.
                if (exception.Code is ErrorCodes.WriterExpired or ErrorCodes.Forbidden)
                    _writer = ByteString.Empty;
                observer.OnReconnectFailed(exception);
            }
        }
    }

    private async Task<NodeConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var idle = pipeline.OldestAge();
        var writer = idle < WriterLifetime ? _writer : ByteString.Empty;
        var attempt = ConnectAndGreetAsync(writer, idle, giveUp.Token);
        try
        {
            var (duplex, first) = await attempt.Within(options.ConnectTimeout, options.TimeProvider, cancellationToken);
            return Enter(duplex, first, writer);
        }
        catch (TimeoutException exception)
        {
            throw Failed("The server did not answer in time.", exception);
        }
        catch (Exception exception) when (NodeConnection.IsLoss(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw Failed("The server can't be reached.", exception);
        }
        finally
        {
            giveUp.Cancel();
            if (!attempt.IsCompleted)
                _ = DropAsync(attempt);
        }
    }

    private static async Task DropAsync(Task<(IFrameDuplex Duplex, ServerFrame First)> attempt)
    {
        try
        {
            await (await attempt).Duplex.DisposeAsync();
        }
        catch (Exception exception) when (exception is SavepointException || NodeConnection.IsLoss(exception))
        {
            // It has failed by itself.
        }
    }

    private async Task<(IFrameDuplex Duplex, ServerFrame First)> ConnectAndGreetAsync(
        ByteString writer, TimeSpan idle, CancellationToken cancellationToken)
    {
        var duplex = options.Connect is { } connect
            ? await connect(cancellationToken)
            : await WebSocketConnector.ConnectAsync(options.Endpoint!, options.MaxFrameBytes, cancellationToken);
        try
        {
            return (duplex, await _greeting.ExchangeAsync(duplex, writer, _database, idle, cancellationToken));
        }
        catch
        {
            await duplex.DisposeAsync();
            throw;
        }
    }

    private NodeConnection Enter(IFrameDuplex duplex, ServerFrame first, ByteString writer)
    {
        var welcome = first.Messages[0].Welcome;
        var databaseChanged = !_database.IsEmpty && welcome.Database != _database;
        var sameWriter = !writer.IsEmpty && welcome.Writer == writer;
        if (databaseChanged && sameWriter)
        {
            // The numbers of one writer can't begin again.
            _writer = ByteString.Empty;
            _ = duplex.DisposeAsync().AsTask();
            throw Failed("The server serves another database; connecting as another writer.");
        }
        (_writer, _database) = (welcome.Writer, welcome.Database);
        var lane = new Lane(welcome, options);
        if (databaseChanged)
            pipeline.RestartOnAnotherDatabase(lane);
        else if (sameWriter)
            pipeline.Resume(lane);
        else
            pipeline.Restart(lane);
        observer.OnConnected(databaseChanged);
        return new NodeConnection(options, pipeline, duplex, lane, first);
    }

    private static SavepointException Failed(string message, Exception? cause = null) =>
        new(ClientErrorCodes.ConnectFailed, message, cause) { IsTransient = true };
}
