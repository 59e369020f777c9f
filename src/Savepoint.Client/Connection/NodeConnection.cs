using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>Takes what a connection receives, frame by frame.</summary>
/// <param name="connection">The connection.</param>
/// <param name="frame">What came.</param>
/// <param name="from">The first message of it that is not handled yet.</param>
internal delegate void FrameHandler(NodeConnection connection, ServerFrame frame, int from);

/// <summary>One connection, from its welcome to its end. It sends what its lane has, and hands over what comes.</summary>
internal sealed class NodeConnection(SavepointClientOptions options, RequestPipeline pipeline, IFrameDuplex duplex, NodeTarget target, Lane lane, ServerFrame first)
{
    private const int MostTurns = 64;

    private long _lastReceived = options.TimeProvider.GetTimestamp();
    private bool _pinged;

    public Lane Lane { get; } = lane;

    /// <summary>Where it leads.</summary>
    public NodeTarget Target { get; } = target;

    /// <summary>Whether it is not known to be broken.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Whether an exception means that a connection is gone, which is nobody's fault here.</summary>
    public static bool IsLoss(Exception exception) =>
        exception is System.IO.IOException or OperationCanceledException or ObjectDisposedException or FrameTooLargeException
            or System.Net.WebSockets.WebSocketException or System.Net.Sockets.SocketException;

    /// <summary>Serves until the connection is gone.</summary>
    /// <returns>What broke it; null when it was closed in good order.</returns>
    public async Task<Exception?> ServeAsync(FrameHandler handle, CancellationToken cancellationToken)
    {
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(broken.Token);
        var cause = default(Exception);
        try
        {
            handle(this, first, 1);
            while (await duplex.ReceiveAsync(broken.Token) is { } frame)
            {
                Volatile.Write(ref _lastReceived, options.TimeProvider.GetTimestamp());
                _pinged = false;
                handle(this, Greeting.Parse(frame.Span), 0);
            }
        }
        catch (Exception exception)
        {
            cause = exception;
        }
        IsOpen = false;
        broken.Cancel();
        Lane.Work.Set();
        await duplex.DisposeAsync();
        return await sending ?? cause;
    }

    /// <summary>Asks a silent node for a word, and gives a dead connection up.</summary>
    public void Sweep()
    {
        if (!IsOpen)
            return;
        var silence = options.TimeProvider.GetElapsedTime(Volatile.Read(ref _lastReceived));
        if (silence < options.KeepAliveInterval)
            return;
        if (silence >= options.KeepAliveInterval * 2)
        {
            Drop();
        }
        else if (!_pinged)
        {
            _pinged = true;
            pipeline.SchedulePing(Lane);
        }
    }

    /// <summary>Ends it at once.</summary>
    public void Drop() => _ = duplex.DisposeAsync().AsTask();

    /// <summary>Ends it in good order, or drops it when that takes too long.</summary>
    public async Task CloseAsync(string reason)
    {
        if (!IsOpen)
            return;
        try
        {
            await duplex.CloseAsync(reason, default).AsTask().Within(options.ConnectTimeout, options.TimeProvider, default);
        }
        catch (Exception exception) when (exception is System.IO.IOException or TimeoutException)
        {
            // It is dropped anyway.
        }
    }

    // A frame that answers many wakes many callers, and their next requests come one right after the other: as long as more come, they share a frame. A yield
    // is some 0.2 µs, a send 6: 64 clients with 40 transfers each in flight sent 70,000 frames/s for 70,000 transfers/s, now 14,000 for 103,000. On a game's
    // own thread a turn may take as long as a whole picture, so there nothing waits.
    private async ValueTask GatherAsync()
    {
        if (SynchronizationContext.Current is not null)
            return;
        var count = pipeline.CountQueued(Lane);
        for (var turn = 0; count > 0 && turn < MostTurns; turn++)
        {
            await Task.Yield();
            var now = pipeline.CountQueued(Lane);
            if (now <= count)
                return;
            count = now;
        }
    }

    // Gives what broke the connection, if that was seen here; dropping it ends the receiving too.
    private async Task<Exception?> SendAsync(CancellationToken cancellationToken)
    {
        var frame = new FrameBuilder();
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await GatherAsync();
                if (pipeline.TryBuildFrame(Lane, frame))
                    await duplex.SendAsync(frame.Frame, cancellationToken);
                else
                    await Lane.Work.WaitAsync();
            }
            return null;
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            await duplex.DisposeAsync();
            return cancellationToken.IsCancellationRequested ? null : exception;
        }
    }
}
