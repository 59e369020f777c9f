namespace Savepoint.Testing;

/// <summary>How far a process's clock is off.</summary>
/// <param name="Rate">How fast it runs: 1 is right, 1.0001 gains 100 parts per million.</param>
/// <param name="Offset">How far its time of day is ahead at first.</param>
public readonly record struct ClockError(double Rate, TimeSpan Offset)
{
    /// <summary>A clock that is right.</summary>
    public static ClockError None { get; } = new(1, TimeSpan.Zero);
}

/// <summary>
/// The clock of a <see cref="SimulatedProcess"/>: drifts from the world's as it is told to, and its timers fire in the process: late when it stands still,
/// never when it is dead.
/// </summary>
public sealed class ProcessClock : TimeProvider
{
    private readonly SimulatedProcess _process;
    private readonly TimeProvider _world;
    private readonly double _rate;
    private long _offsetTicks;

    internal ProcessClock(SimulatedProcess process, TimeProvider world, ClockError error)
    {
        (_process, _world, _rate) = (process, world, error.Rate);
        _offsetTicks = error.Offset.Ticks;
        if (world.TimestampFrequency != TimeSpan.TicksPerSecond && error.Rate != 1)
            throw new ArgumentException("Only virtual time can drift.", nameof(error));
    }

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => _world.TimestampFrequency;

    /// <summary>Sets the time of day forward or back, as time synchronization does; what counts time spans goes on evenly.</summary>
    public void Step(TimeSpan by) => Interlocked.Add(ref _offsetTicks, by.Ticks);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        var now = _world.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offsetTicks));
        return _rate == 1 ? now : now + TimeSpan.FromTicks(GetTimestamp() - _world.GetTimestamp());
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => _rate == 1 ? _world.GetTimestamp() : (long)(_world.GetTimestamp() * _rate);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ProcessTimer(this, callback, state);
        timer.Begin(dueTime, period);
        return timer;
    }

    private TimeSpan ToWorld(TimeSpan span) =>
        _rate == 1 || span == Timeout.InfiniteTimeSpan ? span : TimeSpan.FromTicks((long)Math.Ceiling(span.Ticks / _rate));

    private sealed class ProcessTimer(ProcessClock clock, TimerCallback callback, object? state) : ITimer
    {
        private ITimer? _timer;
        private bool _isDisposed;

        public void Begin(TimeSpan dueTime, TimeSpan period)
        {
            _timer = clock._world.CreateTimer(static timer => ((ProcessTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => _timer!.Change(clock.ToWorld(dueTime), clock.ToWorld(period));

        public void Dispose()
        {
            _isDisposed = true;
            _timer!.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Fire()
        {
            if (clock._process.IsAlive)
                clock._process.Post(static timer => ((ProcessTimer)timer!).Run(), this);
            else
                Dispose();
        }

        private void Run()
        {
            if (!_isDisposed)
                callback(state);
        }
    }
}
