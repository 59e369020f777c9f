namespace Savepoint.Testing;

/// <summary>
/// A clock that stands still until it is moved. Its timers fire inside <see cref="Advance"/> and <see cref="TryAdvanceToNextTimer"/>, on the thread that
/// moves it, in the order of their due times; timers due at the same time fire in the order in which they were set. Safe for concurrent use.
/// </summary>
public sealed class VirtualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<VirtualTimer, (long DueTicks, long Order)> _timers = new();
    private readonly DateTimeOffset _start;
    private long _elapsedTicks;
    private long _order;

    /// <summary>Makes a clock.</summary>
    /// <param name="start">What it shows at first; null for 2026-01-01 00:00 UTC.</param>
    public VirtualTime(DateTimeOffset? start = null) => _start = start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How far the clock was moved since it was made.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Interlocked.Read(ref _elapsedTicks));

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>When the next timer fires, counted from the start; null when none is set.</summary>
    public TimeSpan? NextTimer
    {
        get
        {
            lock (_gate)
                return FindNext(out var due) ? TimeSpan.FromTicks(due) : null;
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    /// <inheritdoc/>
    public override long GetTimestamp() => Interlocked.Read(ref _elapsedTicks);

    /// <summary>Moves the clock and fires every timer that becomes due on the way, each at its own time; also those that are set meanwhile.</summary>
    /// <param name="time">How far; not negative.</param>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var until = Elapsed + time;
        while (TryAdvanceToNextTimer(until))
        {
        }

        lock (_gate)
            _elapsedTicks = Math.Max(_elapsedTicks, until.Ticks);
    }

    /// <summary>Moves the clock to the next timer and fires it.</summary>
    /// <param name="until">The latest time to move to, counted from the start; null for any.</param>
    /// <returns>False when no timer is set, or it is later; the clock stays then.</returns>
    public bool TryAdvanceToNextTimer(TimeSpan? until = null)
    {
        VirtualTimer timer;
        lock (_gate)
        {
            if (!FindNext(out var due) || due > until?.Ticks)
                return false;
            timer = _timers.Dequeue();
            _elapsedTicks = Math.Max(_elapsedTicks, due);
            timer.OnTaken(_elapsedTicks);
        }

        timer.Fire();
        return true;
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Finds the next timer that still stands. Orders that were changed since lie in the queue until they come up.</summary>
    private bool FindNext(out long due)
    {
        while (_timers.TryPeek(out var timer, out var priority))
        {
            due = priority.DueTicks;
            if (timer.Order == priority.Order)
                return true;
            _timers.Dequeue();
        }

        due = 0;
        return false;
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;
        private bool _isDisposed;

        /// <summary>The number of the order that counts; 0 for none.</summary>
        public long Order { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                if (_isDisposed)
                    return false;
                _period = period;
                Order = 0;
                if (dueTime != Timeout.InfiniteTimeSpan)
                    Enqueue(time._elapsedTicks + Math.Max(0, dueTime.Ticks));
                return true;
            }
        }

        public void OnTaken(long now)
        {
            Order = 0;
            if (_period > TimeSpan.Zero)
                Enqueue(now + _period.Ticks);
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (time._gate)
            {
                _isDisposed = true;
                Order = 0;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Enqueue(long dueTicks)
        {
            Order = ++time._order;
            time._timers.Enqueue(this, (dueTicks, Order));
        }
    }
}
