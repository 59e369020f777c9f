namespace Savepoint.Client;

/// <summary>
/// Raises events in the order in which they happened, one at a time and outside of every lock, so that a handler may use whatever it likes. What a
/// handler causes is raised after it. A handler that throws is reported and stops nothing.
/// </summary>
internal sealed class EventQueue(Action<Exception> onHandlerFailed)
{
    private readonly Queue<Action> _events = new();
    private bool _draining;

    /// <summary>Queues an event; call <see cref="Drain"/> when no lock is held.</summary>
    public void Add(Action raise)
    {
        lock (_events)
            _events.Enqueue(raise);
    }

    /// <summary>Raises what is queued, unless somebody is at it already.</summary>
    public void Drain()
    {
        while (TryTake(out var raise))
        {
            try
            {
                raise();
            }
            catch (Exception exception)
            {
                onHandlerFailed(exception);
            }
            lock (_events)
                _draining = false;
        }
    }

    private bool TryTake(out Action raise)
    {
        lock (_events)
        {
            raise = null!;
            if (_draining || _events.Count == 0)
                return false;
            raise = _events.Dequeue();
            return _draining = true;
        }
    }
}
