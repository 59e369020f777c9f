using System.Threading.Tasks.Sources;

namespace Savepoint.Protocol.Duplex;

/// <summary>
/// Wakes one waiter; a signal without a waiter is kept, several are one. The waiter goes on in the synchronization context that it waited in,
/// never inside <see cref="Set"/>.
/// </summary>
public sealed class AsyncSignal : IValueTaskSource
{
    private readonly object _gate = new();
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private bool _set;
    private bool _waiting;

    /// <summary>Wakes the waiter, or lets the next one through.</summary>
    public void Set()
    {
        lock (_gate)
        {
            if (!_waiting)
            {
                _set = true;
                return;
            }
            _waiting = false;
        }
        _source.SetResult(true);
    }

    /// <summary>Waits for the next signal, or takes the one that is kept. One waiter at a time; await the result at once and only once.</summary>
    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (_set)
            {
                _set = false;
                return default;
            }
            if (_waiting)
                throw new InvalidOperationException("Somebody waits already.");
            _source.Reset();
            _waiting = true;
            return new ValueTask(this, _source.Version);
        }
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
