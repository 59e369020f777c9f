using System.Buffers;
using Savepoint.Protocol.Duplex;

namespace Savepoint.Testing;

/// <summary>
/// One direction of a connection: the frames on their way, in order, and those that arrived and are not read yet. One timer, set for the frame that is due
/// first, serves it. Under the network's gate.
/// </summary>
internal sealed class NetworkLane
{
    private readonly SimulatedNetwork _network;
    private readonly Queue<Flight> _inFlight = new();
    private readonly Queue<ArraySegment<byte>> _arrived = new();
    private readonly ITimer _timer;
    private LaneEnding _arrivedEnding;
    private LaneEnding _sentEnding;
    private long _bytes;
    private long _lastDue;
    private long _notBefore;
    private bool _isArmed;
    private bool _isFrozen;

    public NetworkLane(SimulatedNetwork network, NetworkConnection connection)
    {
        (_network, Connection) = (network, connection);
        _timer = network.Time.CreateTimer(static lane => ((NetworkLane)lane!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public NetworkConnection Connection { get; }

    public ConnectionEnd Sender { get; set; } = null!;

    public ConnectionEnd Receiver { get; set; } = null!;

    /// <summary>Frames sent from now on vanish, and count as unread for ever: as on a real connection, a sender soon waits for room.</summary>
    public bool IsLossy { get; set; }

    /// <summary>Frames sent from now on vanish, and their sender is told that nobody is there.</summary>
    public bool IsReset { get; set; }

    /// <summary>Whether the receiver has heard that nothing will follow, and not in good order.</summary>
    public bool IsAborted => _arrivedEnding == LaneEnding.Aborted && _arrived.Count == 0;

    /// <returns>False when there is no room.</returns>
    public bool TrySend(ReadOnlyMemory<byte> frame)
    {
        if (_sentEnding != LaneEnding.None)
            throw new IOException("The connection is closed.");
        if (frame.Length > _network.Weather.MaxFrameBytes)
            throw new FrameTooLargeException(_network.Weather.MaxFrameBytes);
        if (_bytes > 0 && _bytes + frame.Length > _network.Weather.MaxBytesInFlight)
            return false;
        if (_network.IsStruck())
            _network.Break(Connection);
        if (IsLossy)
        {
            _bytes += frame.Length;
            return true;
        }

        if (IsReset)
        {
            // The word of it goes the other way, where it may be lost too.
            if (!Receiver.Outgoing.IsLossy)
                Sender.FailSoon("The connection was reset.");
            return true;
        }

        _bytes += frame.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.CopyTo(buffer);
        Add(new ArraySegment<byte>(buffer, 0, frame.Length), LaneEnding.None);
        return true;
    }

    /// <summary>Ends what is sent. The receiver learns of it behind everything that is on its way.</summary>
    public void End(LaneEnding ending)
    {
        // What was closed in good order and then dropped stays in good order.
        if (_sentEnding != LaneEnding.None)
            return;
        _sentEnding = ending;
        if (!IsLossy && !IsReset)
            Add(default, ending);
    }

    /// <summary>Takes the next frame that has arrived.</summary>
    /// <returns>False when there is none; true with a buffer of null at the end.</returns>
    public bool TryTake(out ArraySegment<byte> frame)
    {
        if (!_arrived.TryDequeue(out frame))
            return _arrivedEnding == LaneEnding.Closed;
        _bytes -= frame.Count;
        Sender.Room.Set();
        return true;
    }

    /// <summary>Forgets everything that is on its way or not read: nobody will read it.</summary>
    public void Clear()
    {
        while (_arrived.TryDequeue(out var frame))
            Return(frame);
        while (_inFlight.TryDequeue(out var flight))
            Return(flight.Frame);
        _bytes = 0;
        Sender.Room.Set();
    }

    /// <summary>Loses what is on its way, from some frame on.</summary>
    public void DropTail()
    {
        var kept = _network.Next(_inFlight.Count + 1);
        for (var i = _inFlight.Count; i > 0; i--)
        {
            var flight = _inFlight.Dequeue();
            if (kept-- > 0)
                _inFlight.Enqueue(flight);
            else
                Return(flight.Frame);
        }
    }

    public void Freeze(bool isCut)
    {
        if (_isFrozen == isCut)
            return;
        _isFrozen = isCut;
        if (isCut)
            return;
        _notBefore = _network.Now + _network.NextLatency();
        Arm();
    }

    private static void Return(ArraySegment<byte> frame)
    {
        if (frame.Array is not null)
            ArrayPool<byte>.Shared.Return(frame.Array);
    }

    private void Add(ArraySegment<byte> frame, LaneEnding ending)
    {
        _lastDue = Math.Max(_lastDue, _network.Now + _network.NextLatency());
        _inFlight.Enqueue(new Flight(frame, _lastDue, ending));
        Arm();
    }

    private void Arm()
    {
        if (_isArmed || _isFrozen || !_inFlight.TryPeek(out var next))
            return;
        _isArmed = true;
        _timer.Change(TimeSpan.FromTicks(Math.Max(0, Math.Max(next.Due, _notBefore) - _network.Now)), Timeout.InfiniteTimeSpan);
    }

    private void OnDue()
    {
        lock (_network.Gate)
        {
            _isArmed = false;
            if (_isFrozen)
                return;
            var now = _network.Now;
            while (_inFlight.TryPeek(out var next) && Math.Max(next.Due, _notBefore) <= now)
            {
                _inFlight.Dequeue();
                Arrive(next);
            }

            Arm();
        }
    }

    private void Arrive(Flight flight)
    {
        if (Receiver.IsOver)
        {
            Return(flight.Frame);
            return;
        }

        if (flight.Ending == LaneEnding.None)
            _arrived.Enqueue(flight.Frame);
        else
            _arrivedEnding = flight.Ending;
        _network.CountFrame();
        Receiver.Arrived.Set();
        // Who waits for room to send into what the other side has dropped waits in vain.
        if (flight.Ending == LaneEnding.Aborted)
            Receiver.Room.Set();
    }

    private readonly record struct Flight(ArraySegment<byte> Frame, long Due, LaneEnding Ending);
}

/// <summary>How a direction ends.</summary>
internal enum LaneEnding
{
    None,
    Closed,
    Aborted,
}
