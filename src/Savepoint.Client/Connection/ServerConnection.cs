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
    private IFrameDuplex? _duplex;
    private ServerFrame? _firstFrame;
    private Task _running = Task.CompletedTask;
    private long _lastReceived;
    private bool _pinged;
    private volatile bool _isClosing;

    /// <summary>Whether there is a connection now.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Connects for the first time and keeps connected from then on.</summary>
    /// <exception cref="SavepointException">The attempt failed; there is no second one.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _duplex = await ConnectAsync(cancellationToken);
        _running = ClientLoop.Start(options.SynchronizationContext, RunAsync);
    }

    /// <summary>Asks a silent server for a word, and gives a dead connection up.</summary>
    public void Sweep()
    {
        if (!IsConnected)
            return;
        var silence = options.TimeProvider.GetElapsedTime(Volatile.Read(ref _lastReceived));
        if (silence < options.KeepAliveInterval)
            return;
        if (silence >= options.KeepAliveInterval * 2)
        {
            _ = _duplex!.DisposeAsync().AsTask();
        }
        else if (!_pinged)
        {
            _pinged = true;
            pipeline.SchedulePing();
        }
    }

    /// <summary>Closes in good order and stays closed.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosing = true;
        if (_duplex is { } duplex && IsConnected)
        {
            try
            {
                await duplex.CloseAsync("The client shuts down.", default).AsTask().Within(options.ConnectTimeout, options.TimeProvider, default);
            }
            catch (Exception exception) when (exception is System.IO.IOException or TimeoutException)
            {
                // It is dropped anyway.
            }
        }
        _closing.Cancel();
        pipeline.Work.Set();
        await _running;
        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await ServeAsync(_duplex!);
            if (_isClosing)
                return;
            if (await ReconnectAsync() is not { } duplex)
                return;
            _duplex = duplex;
        }
    }

    private async Task ServeAsync(IFrameDuplex duplex)
    {
        Volatile.Write(ref _lastReceived, options.TimeProvider.GetTimestamp());
        IsConnected = true;
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        HandleFrame(_firstFrame!, from: 1);
        var sending = SendAsync(duplex, broken.Token);
        var cause = default(Exception);
        try
        {
            while (await duplex.ReceiveAsync(broken.Token) is { } frame)
            {
                Volatile.Write(ref _lastReceived, options.TimeProvider.GetTimestamp());
                _pinged = false;
                HandleFrame(Greeting.Parse(frame.Span), from: 0);
            }
        }
        catch (Exception exception)
        {
            // Whatever broke it: connect again.
            cause = exception;
            if (!IsConnectionLoss(exception))
                observer.OnFault(exception);
        }
        IsConnected = false;
        broken.Cancel();
        pipeline.Work.Set();
        await duplex.DisposeAsync();
        cause = await sending ?? cause;
        observer.OnDisconnected(cause);
    }

    // Gives what broke the connection, if that was seen here; dropping it ends the receiving too.
    private async Task<Exception?> SendAsync(IFrameDuplex duplex, CancellationToken cancellationToken)
    {
        var frame = new FrameBuilder();
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (pipeline.TryBuildFrame(frame))
                    await duplex.SendAsync(frame.Frame, cancellationToken);
                else
                    await pipeline.Work.WaitAsync();
            }
            return null;
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            await duplex.DisposeAsync();
            return cancellationToken.IsCancellationRequested ? null : exception;
        }
    }

    private void HandleFrame(ServerFrame frame, int from)
    {
        for (var i = from; i < frame.Messages.Count; i++)
        {
            var message = frame.Messages[i];
            if (message.Request != 0)
                pipeline.Answer(message);
            else
                observer.OnPush(message);
        }
    }

    private async Task<IFrameDuplex?> ReconnectAsync()
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

    private async Task<IFrameDuplex> ConnectAsync(CancellationToken cancellationToken)
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
        catch (Exception exception) when (IsConnectionLoss(exception) && !cancellationToken.IsCancellationRequested)
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
        catch (Exception exception) when (exception is SavepointException || IsConnectionLoss(exception))
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

    private IFrameDuplex Enter(IFrameDuplex duplex, ServerFrame first, ByteString writer)
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
        _firstFrame = first;
        (_writer, _database) = (welcome.Writer, welcome.Database);
        if (databaseChanged)
            pipeline.RestartOnAnotherDatabase(welcome);
        else if (sameWriter)
            pipeline.Resume(welcome);
        else
            pipeline.Restart(welcome);
        observer.OnConnected(databaseChanged);
        return duplex;
    }

    private static bool IsConnectionLoss(Exception exception) =>
        exception is System.IO.IOException or OperationCanceledException or ObjectDisposedException or FrameTooLargeException
            or System.Net.WebSockets.WebSocketException or System.Net.Sockets.SocketException;

    private static SavepointException Failed(string message, Exception? cause = null) =>
        new(ClientErrorCodes.ConnectFailed, message, cause) { IsTransient = true };
}
