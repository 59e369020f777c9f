namespace Savepoint.Protocol.Duplex;

/// <summary>
/// One end of a connection within the process, for embedding and tests. It uses no thread, timer or thread pool of its own: whoever waits goes
/// on in the synchronization context that it waits in.
/// </summary>
public sealed class InProcessDuplex : IFrameDuplex
{
    // A frame holds all that was queued while the one before it was on its way, so a few are enough.
    private const int FramesEachWay = 16;

    private readonly FrameQueue _outgoing;
    private readonly FrameQueue _incoming;

    private InProcessDuplex(FrameQueue outgoing, FrameQueue incoming)
    {
        _outgoing = outgoing;
        _incoming = incoming;
    }

    /// <summary>Makes both ends.</summary>
    /// <param name="maxFrameBytes">The largest frame. The default is 16 MiB.</param>
    /// <returns>The two ends, which are alike.</returns>
    public static (InProcessDuplex Client, InProcessDuplex Server) CreatePair(int maxFrameBytes = 16 << 20)
    {
        var toServer = new FrameQueue(FramesEachWay, maxFrameBytes);
        var toClient = new FrameQueue(FramesEachWay, maxFrameBytes);
        return (new InProcessDuplex(toServer, toClient), new InProcessDuplex(toClient, toServer));
    }

    /// <inheritdoc/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken) => _outgoing.SendAsync(frame, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken) => _incoming.ReceiveAsync(cancellationToken);

    /// <summary>Ends what this side sends; the other side receives what is on its way, then null.</summary>
    /// <inheritdoc/>
    public ValueTask CloseAsync(string reason, CancellationToken cancellationToken)
    {
        _outgoing.Complete();
        return default;
    }

    /// <summary>Ends this side; the other receives what is on its way, then null, and can send no more.</summary>
    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _outgoing.Complete();
        _incoming.Break();
        return default;
    }

    /// <summary>Breaks both directions at once, as a cut cable does: frames that were not received are lost.</summary>
    public void Break()
    {
        _outgoing.Break();
        _incoming.Break();
    }
}
