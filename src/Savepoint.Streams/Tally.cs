namespace Savepoint.Streams;

/// <summary>Counts what is alive, and tells when nothing is.</summary>
internal sealed class Tally
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _zero;
    private long _count;

    public long Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    public void Increment()
    {
        lock (_gate)
            _count++;
    }

    public void Decrement()
    {
        lock (_gate)
        {
            if (--_count == 0)
                _zero?.TrySetResult();
        }
    }

    /// <summary>Ends the next time that the count is zero, or at once. One caller at a time.</summary>
    public Task WhenZeroAsync()
    {
        lock (_gate)
        {
            if (_count == 0)
                return Task.CompletedTask;
            _zero = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _zero.Task;
        }
    }
}
