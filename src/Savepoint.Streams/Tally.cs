using Savepoint.Protocol.Duplex;

namespace Savepoint.Streams;

/// <summary>Counts what is alive, and tells when nothing is.</summary>
internal sealed class Tally
{
    // A TaskCompletionSource that is waited for with a timeout would go on in the thread pool, where no simulator sees it.
    private readonly AsyncSignal _ended = new();
    private readonly Lock _gate = new();
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
            _count--;
        _ended.Set();
    }

    /// <summary>Waits until the count is zero, or until it is not to wait any longer. One caller at a time.</summary>
    public async ValueTask WaitForZeroAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(_ended.Set);
        while (Count > 0 && !cancellationToken.IsCancellationRequested)
            await _ended.WaitAsync();
    }
}
