using Savepoint.Protocol.Duplex;
using Savepoint.Streams.Outgoing;

namespace Savepoint.Streams.Connections;

/// <summary>Sends what waits in the outbox. Whatever comes in while one frame is being sent goes into the next.</summary>
internal sealed class Sender(StreamConnection connection, IFrameDuplex duplex, CancellationTokenSource stop)
{
    private Outbox Outbox => connection.Outbox;

    private StreamServices Services => connection.Services;

    /// <summary>Ends when the outbox is closed and everything is sent, or when the connection breaks; then nothing is received any more either.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (!await SendWaitingAsync())
            {
                connection.Watches.CatchUp();
                await Outbox.Work.WaitAsync();
            }

            connection.StartClosing();
            await duplex.CloseAsync(Outbox.ClosedBecause!, stop.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or TimeoutException or ObjectDisposedException)
        {
            connection.Close(exception.Message);
            connection.Abort();
        }
        catch (Exception exception)
        {
            StreamLog.Failed(Services.Logger, connection.Principal.Actor, exception);
            connection.Close("The server has a fault.");
            connection.Abort();
        }
    }

    /// <returns>Whether nothing will follow.</returns>
    private async ValueTask<bool> SendWaitingAsync()
    {
        while (true)
        {
            FrameBuffer frame;
            lock (Outbox.Gate)
            {
                if (!Outbox.TryTake(out frame))
                    return Outbox.IsClosed;
            }

            // After a send that was given up, the connection may still read the buffer: it must not be anyone else's then.
            var length = frame.Length;
            await SendAsync(frame.Memory);
            frame.Return();
            Services.Metrics.Sent(length);
            lock (Outbox.Gate)
                Outbox.Sent(length);
        }
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> frame)
    {
        var sending = duplex.SendAsync(frame, stop.Token);

        // Nearly always the other side has room and the send is done by now; only a wait is worth a timer.
        return sending.IsCompleted ? sending : new ValueTask(sending.AsTask().WaitAsync(Services.Options.SendTimeout, Services.Time, stop.Token));
    }
}
