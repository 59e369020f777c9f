namespace Savepoint.Cluster.Members;

/// <summary>Says when the tables are to be looked at next: at a time that was set, or earlier when somebody asks. One flow waits.</summary>
internal sealed class LookSchedule : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _doubtGap;
    private readonly ITimer _timer;
    private TaskCompletionSource _next = NewSource();
    private TaskCompletionSource? _wake;
    private long _begun;
    private long _due;
    private long? _asked;
    private bool _isStopped;

    public LookSchedule(TimeProvider time, TimeSpan doubtGap)
    {
        (_time, _doubtGap, _begun) = (time, doubtGap, time.GetTimestamp());
        _timer = time.CreateTimer(static schedule => ((LookSchedule)schedule!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsStopped
    {
        get
        {
            lock (_gate)
                return _isStopped;
        }
    }

    /// <summary>Asks for a look at once.</summary>
    /// <returns>Ends with a look that began after this call, however that ends.</returns>
    public Task LookNow()
    {
        lock (_gate)
        {
            if (_isStopped)
                return Task.CompletedTask;
            Ask(_time.GetTimestamp());
            return _next.Task;
        }
    }

    /// <summary>Asks for a look soon: those who ask within a short time get the same.</summary>
    public void LookSoon()
    {
        lock (_gate)
            Ask(_begun + Ticks(_doubtGap));
    }

    /// <summary>A look begins.</summary>
    /// <returns>To be completed when it has ended.</returns>
    public TaskCompletionSource Begin()
    {
        lock (_gate)
        {
            var now = _next;
            (_next, _asked, _begun) = (NewSource(), null, _time.GetTimestamp());
            return now;
        }
    }

    /// <summary>Waits until it is time to look, or it was stopped.</summary>
    /// <param name="most">How long at most.</param>
    public Task WaitAsync(TimeSpan most)
    {
        lock (_gate)
        {
            var least = _asked is { } asked ? _time.GetElapsedTime(_time.GetTimestamp(), asked) : most;
            var delay = least < most ? least : most;
            if (_isStopped || delay <= TimeSpan.Zero)
                return Task.CompletedTask;
            _wake = NewSource();
            _due = _time.GetTimestamp() + Ticks(delay);
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
            return _wake.Task;
        }
    }

    /// <summary>Ends the looks: nobody waits any more.</summary>
    public void Stop()
    {
        TaskCompletionSource next;
        lock (_gate)
            (_isStopped, next) = (true, _next);
        next.TrySetResult();
        Wake();
    }

    public void Dispose() => _timer.Dispose();

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Ask(long at)
    {
        if (_asked <= at)
            return;
        _asked = at;
        if (_wake is null || at >= _due)
            return;
        _due = at;
        var delay = _time.GetElapsedTime(_time.GetTimestamp(), at);
        _timer.Change(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private void Wake()
    {
        TaskCompletionSource? wake;
        lock (_gate)
            (wake, _wake) = (_wake, null);
        wake?.TrySetResult();
    }
}
