using Google.Protobuf;
using Savepoint.Protocol;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Errors;
using Savepoint.Streams.Outgoing;
using Savepoint.Streams.Requests;
using Savepoint.Streams.Sessions;
using Savepoint.Streams.Watching;

namespace Savepoint.Streams.Connections;

/// <summary>One client's connection, from its first frame to its last.</summary>
internal sealed class StreamConnection
{
    private readonly IFrameDuplex _duplex;
    private readonly ConnectionTable _table;
    private readonly CancellationTokenSource _stop;
    private ITimer? _closing;
    private IDisposable? _login;
    private bool _hasLoginEnded;
    private bool _followsShardMap;

    public StreamConnection(StreamServices services, ConnectionTable table, IFrameDuplex duplex, CancellationToken cancellationToken)
    {
        (Services, _table, _duplex) = (services, table, duplex);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Outbox = new Outbox(services.Options) { OnTooSlow = StartClosing };
        Watches = new ConnectionWatches(this);
        Units = new UnitRequestPool(this);
    }

    public StreamServices Services { get; }

    public Outbox Outbox { get; }

    public ConnectionWatches Watches { get; }

    public UnitRequestPool Units { get; }

    /// <summary>Who is at the other side; known after the handshake.</summary>
    public Principal Principal { get; private set; } = Principal.Player("");

    /// <summary>Who numbers this connection's requests; known after the handshake.</summary>
    public Guid Writer { get; private set; }

    /// <summary>Whether it is sent each new shard map.</summary>
    public bool FollowsShardMap
    {
        get => Volatile.Read(ref _followsShardMap);
        set => Volatile.Write(ref _followsShardMap, value);
    }

    private StreamOptions Options => Services.Options;

    private bool HasLoginEnded => Volatile.Read(ref _hasLoginEnded);

    /// <summary>Serves the client until either side ends it. Throws nothing: what goes wrong with one connection ends only that one.</summary>
    public async Task RunAsync()
    {
        var sending = new Sender(this, _duplex, _stop).RunAsync();
        try
        {
            await ReceiveAsync();
            Close("The client has closed.");
        }
        catch (FrameTooLargeException exception)
        {
            Fail(ErrorCodes.FrameTooLarge, exception.Message);
            await DiscardAsync();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            Close(exception.Message);
            Abort();
        }
        catch (Exception exception)
        {
            StreamLog.Failed(Services.Logger, Principal.Actor, exception);
            Fail(ErrorCodes.Internal, "The server has a fault.");
        }

        _table.Remove(this);
        _login?.Dispose();
        Watches.ReleaseAll();
        Services.Templates.Forget(this);
        StartClosing();
        await sending;
        await EndAsync();
    }

    /// <summary>Takes the connection into service as the handshake found it.</summary>
    public void Enter(Principal principal, Guid writer)
    {
        (Principal, Writer) = (principal, writer);
        StreamLog.Connected(Services.Logger, principal.Actor, writer);
    }

    /// <summary>Ends the connection with the login session that it began with.</summary>
    public void WatchLogin()
    {
        if (Principal.LoginSession is { } loginSession)
            _login = Services.Logins.Watch(Principal.Name, loginSession, EndLogin);
    }

    /// <summary>Sends an error that ends the connection.</summary>
    public void Fail(string code, string message, ulong request = 0)
    {
        StreamLog.ProtocolBroken(Services.Logger, Principal.Actor, code, message);
        lock (Outbox.Gate)
        {
            Outbox.Push(new ServerMessage { Request = request, Error = RequestErrors.Of(code, message) });
            Outbox.Close(code);
        }
    }

    public void Push(ServerMessage message)
    {
        lock (Outbox.Gate)
            Outbox.Push(message);
    }

    /// <summary>Ends the connection in good order: what waits is still sent.</summary>
    public void Close(string reason)
    {
        lock (Outbox.Gate)
            Outbox.Close(reason);
    }

    /// <summary>Ends the connection in good order once all its requests have their answers; they have so long as the other side has for closing.</summary>
    public void Finish()
    {
        lock (Outbox.Gate)
            Outbox.CloseWhenAnswered("server.shutting_down");
        StartClosing();
    }

    /// <summary>Answers sessions that are still waited for: the server is shutting down.</summary>
    public void WithdrawWaiting()
    {
        List<ClientSession> waiting;
        lock (Outbox.Gate)
            waiting = Watches.WaitingSessions();
        foreach (var session in waiting)
            session.Withdraw();
    }

    /// <summary>Ends the connection without waiting for the other side any more.</summary>
    public void Abort()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended just now.
        }
    }

    /// <summary>From now on, the other side has only so long to end the connection too.</summary>
    public void StartClosing() =>
        _closing ??= Services.Time.CreateTimer(static state => ((StreamConnection)state!).Abort(), this, Options.CloseTimeout, Timeout.InfiniteTimeSpan);

    /// <summary>From now on nothing is taken in any more, and nothing is sent; called on whatever flow has learnt of it.</summary>
    private void EndLogin()
    {
        Volatile.Write(ref _hasLoginEnded, true);
        StreamLog.LoginEnded(Services.Logger, Principal.Actor);
        lock (Outbox.Gate)
        {
            Outbox.Push(new ServerMessage { Error = RequestErrors.Of(ErrorCodes.LoginEnded, "The login session has ended: the player has logged out, or it was revoked.") });
            Outbox.Close(ErrorCodes.LoginEnded);
        }

        StartClosing();
    }

    private async Task ReceiveAsync()
    {
        var dispatcher = new FrameDispatcher(this);
        if (await new Handshake(this, _table, _duplex).RunAsync(_stop.Token) is not { } rest)
        {
            await DiscardAsync();
            return;
        }

        if (HasLoginEnded || !dispatcher.Dispatch(rest.ToByteArray()))
        {
            await DiscardAsync();
            return;
        }

        while (await _duplex.ReceiveAsync(_stop.Token) is { } frame)
        {
            Services.Metrics.Received(frame.Length);
            if (HasLoginEnded || !dispatcher.Dispatch(frame))
            {
                await DiscardAsync();
                return;
            }

            while (IsCrowded())
                await Outbox.Room.WaitAsync();
        }
    }

    /// <summary>
    /// After an error that ends the connection, reads on without listening until the other side closes: closing while it still sends could make its
    /// network drop the error unread.
    /// </summary>
    private async Task DiscardAsync()
    {
        StartClosing();
        try
        {
            while (await TryDiscardAsync())
            {
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // It ended the hard way.
        }
    }

    private async ValueTask<bool> TryDiscardAsync()
    {
        try
        {
            return await _duplex.ReceiveAsync(_stop.Token) is not null;
        }
        catch (FrameTooLargeException)
        {
            return true;
        }
    }

    private bool IsCrowded()
    {
        lock (Outbox.Gate)
            return (Outbox.IsCrowded || Outbox.HoldsTooMuch) && !Outbox.IsClosed;
    }

    private async Task EndAsync()
    {
        if (_closing is not null)
            await _closing.DisposeAsync();
        await _duplex.DisposeAsync();
        lock (Outbox.Gate)
            Outbox.Clear();
        _stop.Dispose();
        StreamLog.Disconnected(Services.Logger, Principal.Actor, Outbox.ClosedBecause ?? "");
    }
}
