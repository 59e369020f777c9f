using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Links;

/// <summary>
/// A connection to another node after the handshake: sends what waits, says that it is alive, receives, and ends when the other side does, or has been silent
/// for too long.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The source of cancellation has no timer and no link, and so nothing to dispose of.")]
internal sealed class PeerChannel(PeerOptions options, TimeProvider time)
{
    private static readonly PeerMessage Ping = new() { Ping = new PeerPing() };

    private readonly CancellationTokenSource _stop = new();
    private readonly PeerInbox _inbox = new(options);
    private string? _brokenBecause;
    private long _heardAt;

    public PeerOutbox Outbox { get; } = new(options);

    /// <summary>Cancelled when the connection ends.</summary>
    public CancellationToken Ended => _stop.Token;

    /// <summary>Whether it has ended, or is about to.</summary>
    public bool IsBroken => Volatile.Read(ref _brokenBecause) is not null;

    /// <summary>Serves the connection until it ends, and disposes of it. Throws nothing.</summary>
    /// <param name="duplex">The connection.</param>
    /// <param name="receive">Gets each message but signs of life; what it throws ends the connection.</param>
    /// <returns>Why it ended.</returns>
    public async Task<string> RunAsync(IFrameDuplex duplex, Action<PeerMessage> receive)
    {
        Volatile.Write(ref _heardAt, time.GetTimestamp());
        var sending = SendAsync(duplex);
        var beating = BeatAsync();
        await ReceiveAsync(duplex, receive);
        Outbox.Close();
        await duplex.DisposeAsync();
        await sending;
        await beating;
        return _brokenBecause!;
    }

    /// <summary>Ends the connection, soon: who calls may hold locks, and what waits for the end goes on at once.</summary>
    public void Break(string reason)
    {
        if (Interlocked.CompareExchange(ref _brokenBecause, reason, null) is null)
            _ = StopSoonAsync();
    }

    // CancelAsync would leave the scheduler that this runs on for the thread pool.
    [SuppressMessage("Performance", "CA1849", Justification = "See above.")]
    private async Task StopSoonAsync()
    {
        await Task.Yield();
        _stop.Cancel();
        Outbox.Work.Set();
    }

    private async Task ReceiveAsync(IFrameDuplex duplex, Action<PeerMessage> receive)
    {
        try
        {
            while (await duplex.ReceiveAsync(_stop.Token) is { } frame)
            {
                Volatile.Write(ref _heardAt, time.GetTimestamp());
                _inbox.Read(frame, message =>
                {
                    if (message.BodyCase != PeerMessage.BodyOneofCase.Ping)
                        receive(message);
                });
            }

            Break("The other node has closed the link.");
        }
        catch (Exception exception) when (PeerProtocol.IsLinkFailure(exception))
        {
            Break(exception.Message);
        }
#pragma warning disable CA1031 // A fault ends the link like anything else: those who wait for answers have to be told.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Break(fault.ToString());
        }
    }

    private async Task SendAsync(IFrameDuplex duplex)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                while (Outbox.TryTake(out var frame))
                {
                    // After a send that was given up, the connection may still read the buffer: it must not be anyone else's then.
                    var length = frame.Length;
                    await duplex.SendAsync(frame.Memory, _stop.Token);
                    frame.Return();
                    Outbox.Sent(length);
                }

                await Outbox.Work.WaitAsync();
            }
        }
        catch (Exception exception) when (PeerProtocol.IsLinkFailure(exception))
        {
            Break(exception.Message);
        }
    }

    private async Task BeatAsync()
    {
        try
        {
            while (true)
            {
                var sleptAt = time.GetTimestamp();
                Outbox.TryAdd(Ping, options.MaxQueuedBytes * 2L, isUrgent: true);
                await Task.Delay(options.PingEvery, time, _stop.Token);

                // A process that stood still itself has not read what came meanwhile: the other side is not to blame.
                if (time.GetElapsedTime(sleptAt) > options.PingEvery * 2)
                    Volatile.Write(ref _heardAt, time.GetTimestamp());
                else if (time.GetElapsedTime(Volatile.Read(ref _heardAt)) > options.SilenceLimit)
                    Break("The other node gives no sign of life.");
            }
        }
        catch (OperationCanceledException)
        {
            // The connection has ended.
        }
    }
}
