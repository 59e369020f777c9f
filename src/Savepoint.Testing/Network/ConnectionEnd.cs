using System.Buffers;
using Savepoint.Protocol.Duplex;

namespace Savepoint.Testing;

/// <summary>One end of a simulated connection, as its process sees it.</summary>
internal sealed class ConnectionEnd(SimulatedNetwork network, SimulatedProcess process, NetworkLane outgoing, NetworkLane incoming) : IFrameDuplex
{
    private static readonly Action<object?> Wake = static signal => ((AsyncSignal)signal!).Set();

    private byte[]? _lent;
    private string? _failure;
    private bool _willFail;

    public SimulatedProcess Process => process;

    public NetworkLane Outgoing => outgoing;

    public NetworkLane Incoming => incoming;

    public AsyncSignal Arrived { get; } = new();

    public AsyncSignal Room { get; } = new();

    /// <summary>Whether its process will never use it again.</summary>
    public bool IsOver => _failure is not null || incoming.IsAborted || !process.IsAlive;

    public async ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (TrySend(frame))
            return;
        using var registration = cancellationToken.UnsafeRegister(Wake, Room);
        do
        {
            await Room.WaitAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
        while (!TrySend(frame));
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (TryReceive(out var frame))
            return frame;
        using var registration = cancellationToken.UnsafeRegister(Wake, Arrived);
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Arrived.WaitAsync();
        }
        while (!TryReceive(out frame));
        return frame;
    }

    public ValueTask CloseAsync(string reason, CancellationToken cancellationToken)
    {
        lock (network.Gate)
        {
            ThrowIfFailed();
            outgoing.End(LaneEnding.Closed);
        }

        return default;
    }

    /// <summary>Drops the connection. The other side gets what is on its way and then null, if this one was closed before; else a part of it, then a failure.</summary>
    public ValueTask DisposeAsync()
    {
        lock (network.Gate)
            Drop();
        return default;
    }

    /// <summary>As <see cref="DisposeAsync"/>, under the gate.</summary>
    public void Drop()
    {
        outgoing.End(LaneEnding.Aborted);
        incoming.IsReset = true;
        Fail("The connection was dropped here.");
    }

    /// <summary>Has the process learn after a while that the connection is broken. Under the gate.</summary>
    public void FailSoon(string failure)
    {
        if (_willFail || IsOver)
            return;
        _willFail = true;
        network.AfterNotice(() => Fail(failure));
    }

    private void Fail(string failure)
    {
        _failure ??= failure;
        incoming.Clear();
        Arrived.Set();
        Room.Set();
    }

    private bool TrySend(ReadOnlyMemory<byte> frame)
    {
        lock (network.Gate)
        {
            ThrowIfFailed();
            return outgoing.TrySend(frame);
        }
    }

    private bool TryReceive(out ReadOnlyMemory<byte>? frame)
    {
        lock (network.Gate)
        {
            ThrowIfFailed();
            if (_lent is not null)
                ArrayPool<byte>.Shared.Return(_lent);
            _lent = null;
            frame = null;
            if (!incoming.TryTake(out var taken))
                return false;
            if (taken.Array is null)
                return true;
            (_lent, frame) = (taken.Array, taken);
            return true;
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
            throw new IOException(_failure);
        if (incoming.IsAborted)
            throw new IOException("The other side has dropped the connection.");
    }
}
