using System.Runtime.ExceptionServices;

namespace Savepoint.Client.Tests;

/// <summary>
/// Runs a test on one thread with virtual time: everything that is posted runs in order, and when nothing is left to run, time goes on to the next
/// timer. Waits of minutes take no time, and every run is the same.
/// </summary>
public sealed class Simulation : SynchronizationContext
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(2);

    private readonly Queue<(SendOrPostCallback Run, object? State)> _work = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;

    private Simulation() => Time = new VirtualTime(this);

    public VirtualTime Time { get; }

    public static void Run(Func<Simulation, Task> test)
    {
        var before = Current;
        var simulation = new Simulation();
        SetSynchronizationContext(simulation);
        try
        {
            simulation.RunToEnd(test(simulation));
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new InvalidOperationException("Something left the simulation's thread.");
        _work.Enqueue((d, state));
    }

    public override SynchronizationContext CreateCopy() => this;

    public Task Delay(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Time);

    private void RunToEnd(Task test)
    {
        while (!test.IsCompleted)
        {
            if (_work.TryDequeue(out var work))
                work.Run(work.State);
            else if (!Time.TryAdvance() || Time.Elapsed > Limit)
                throw new InvalidOperationException($"Nothing will ever happen again, and the test waits (after {Time.Elapsed}).");
        }
        if (test.Exception is { } exception)
            ExceptionDispatchInfo.Throw(exception.InnerException!);
    }
}

public sealed class VirtualTime(Simulation simulation) : TimeProvider
{
    private static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<(VirtualTimer Timer, int Armed), (long At, long Order)> _timers = new();
    private long _now;
    private long _order;

    public TimeSpan Elapsed => TimeSpan.FromTicks(_now);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Epoch.AddTicks(_now);

    public override long GetTimestamp() => _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public bool TryAdvance()
    {
        while (_timers.TryDequeue(out var next, out var when))
        {
            if (!next.Timer.IsArmed(next.Armed))
                continue;
            _now = Math.Max(_now, when.At);
            simulation.Post(_ => next.Timer.Fire(next.Armed), null);
            return true;
        }
        return false;
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;
        private int _armed;

        public bool IsArmed(int armed) => _armed == armed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            _armed++;
            if (dueTime != Timeout.InfiniteTimeSpan)
                time._timers.Enqueue((this, _armed), (time._now + dueTime.Ticks, time._order++));
            return true;
        }

        public void Fire(int armed)
        {
            if (_armed != armed)
                return;
            if (_period > TimeSpan.Zero)
                Change(_period, _period);
            callback(state);
        }

        public void Dispose() => _armed++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
