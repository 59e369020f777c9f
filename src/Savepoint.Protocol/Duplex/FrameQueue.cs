using System.Buffers;

namespace Savepoint.Protocol.Duplex;

/// <summary>One direction of an in-process pair: a bounded queue of frames. Who sends into a full one waits.</summary>
internal sealed class FrameQueue(int capacity, int maxFrameBytes)
{
    private readonly Queue<ArraySegment<byte>> _frames = new();
    private readonly AsyncSignal _arrived = new();
    private readonly AsyncSignal _left = new();
    private byte[]? _lent;
    private bool _completed;
    private bool _broken;

    public async ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        if (frame.Length > maxFrameBytes)
            throw new FrameTooLargeException(maxFrameBytes);
        using var registration = cancellationToken.CanBeCanceled ? cancellationToken.Register(_left.Set) : default;
        while (!TryAdd(frame))
        {
            await _left.WaitAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
        _arrived.Set();
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.CanBeCanceled ? cancellationToken.Register(_arrived.Set) : default;
        ReadOnlyMemory<byte>? frame;
        while (!TryTake(out frame))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await _arrived.WaitAsync();
        }
        _left.Set();
        // A thread of the pool prefers what it has queued itself, newest first: two sides that feed each other within a process would keep it to
        // themselves, and starve other connections for seconds. A yield goes to the end of the common queue.
        await Task.Yield();
        return frame;
    }

    /// <summary>The receiver gets what was sent, then the end.</summary>
    public void Complete()
    {
        lock (_frames)
            _completed = true;
        _arrived.Set();
        _left.Set();
    }

    /// <summary>Both sides fail; what was not received is lost.</summary>
    public void Break()
    {
        lock (_frames)
            _broken = true;
        _arrived.Set();
        _left.Set();
    }

    private bool TryAdd(ReadOnlyMemory<byte> frame)
    {
        lock (_frames)
        {
            if (_broken || _completed)
                throw new IOException("The connection is closed.");
            if (_frames.Count >= capacity)
                return false;
            var copy = ArrayPool<byte>.Shared.Rent(frame.Length);
            frame.CopyTo(copy);
            _frames.Enqueue(new ArraySegment<byte>(copy, 0, frame.Length));
            return true;
        }
    }

    private bool TryTake(out ReadOnlyMemory<byte>? frame)
    {
        frame = null;
        lock (_frames)
        {
            if (_broken)
                throw new IOException("The connection is broken.");
            if (_lent is not null)
                ArrayPool<byte>.Shared.Return(_lent);
            _lent = null;
            if (_frames.Count == 0)
                return _completed;
            var next = _frames.Dequeue();
            _lent = next.Array;
            frame = next;
            return true;
        }
    }
}
