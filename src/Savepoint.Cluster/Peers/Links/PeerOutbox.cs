using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Links;

/// <summary>
/// What waits to be sent on one link. Urgent messages, calls and signs of life, overtake the others between two frames; each of the two kinds keeps its
/// order. Safe for concurrent use.
/// </summary>
internal sealed class PeerOutbox(PeerOptions options)
{
    private readonly Lock _gate = new();
    private readonly FrameLane _urgent = new(isUrgent: true, options.MaxFrameBytes);
    private readonly FrameLane _others = new(isUrgent: false, options.MaxFrameBytes);
    private long _queuedBytes;
    private bool _isClosed;

    /// <summary>Set when there is something to send, or never will be again.</summary>
    public AsyncSignal Work { get; } = new();

    /// <summary>Bytes that wait, or are being sent.</summary>
    public long QueuedBytes => Volatile.Read(ref _queuedBytes);

    public bool HasRoomFor(int bytes, int limit) => QueuedBytes + bytes <= limit;

    /// <summary>Adds a message.</summary>
    /// <param name="message">The message, which is encoded at once: what it refers to may change afterwards.</param>
    /// <param name="limit">How many bytes may wait with it.</param>
    /// <param name="isUrgent">Whether it overtakes what is not.</param>
    /// <returns>Whether there was room for it. Of a link that has ended nobody reads what is added.</returns>
    public bool TryAdd(PeerMessage message, long limit, bool isUrgent = false)
    {
        var bytes = message.CalculateSize();
        if (bytes > options.MaxMessageBytes)
            return false;
        lock (_gate)
        {
            if (_isClosed)
                return true;
            if (_queuedBytes + bytes > limit)
                return false;
            _queuedBytes += FrameLane.Measure(bytes);
            (isUrgent ? _urgent : _others).Add(message, bytes);
        }

        Work.Set();
        return true;
    }

    /// <summary>Takes the next frame; its sender returns the buffer.</summary>
    /// <returns>False when nothing waits.</returns>
    public bool TryTake(out FrameBytes frame)
    {
        lock (_gate)
            return _urgent.TryTake(out frame) || _others.TryTake(out frame);
    }

    /// <summary>A frame has been sent; only now is its room free.</summary>
    public void Sent(int bytes)
    {
        // Pieces take some bytes more than what was counted for their message.
        lock (_gate)
            _queuedBytes = Math.Max(0, _queuedBytes - bytes);
    }

    /// <summary>Lets go of everything that waits, and takes nothing more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            while (_urgent.TryTake(out var frame) || _others.TryTake(out frame))
                frame.Return();
            _queuedBytes = 0;
        }

        Work.Set();
    }
}
