namespace Savepoint.Storage.Sqlite.Writing;

/// <summary>
/// What waits for the writer: appends, which callers wait for, before everything else, which runs behind. After <see cref="MaxAppendsInARow"/>
/// runs of appends one of the others gets its turn, so that they never starve.
/// </summary>
internal sealed class WriteQueue
{
    private const int MaxAppendsInARow = 8;
    private const int MaxAppendsPerTransaction = 16;

    private readonly object _monitor = new();
    private readonly Queue<WriteWork> _appends = new();
    private readonly Queue<WriteWork> _others = new();
    private bool _isClosed;
    private int _appendsInARow;

    /// <exception cref="ObjectDisposedException">The queue was closed.</exception>
    public void Add(WriteWork work, bool isAppend)
    {
        lock (_monitor)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SqliteStore));
            (isAppend ? _appends : _others).Enqueue(work);
            Monitor.Pulse(_monitor);
        }
    }

    /// <summary>Takes no more work; what is queued is still done.</summary>
    public void Close()
    {
        lock (_monitor)
        {
            _isClosed = true;
            Monitor.Pulse(_monitor);
        }
    }

    /// <summary>Waits for work and puts what belongs in one transaction into <paramref name="group"/>: several appends, or one other.</summary>
    /// <returns>False when the queue is closed and empty.</returns>
    public bool Take(List<WriteWork> group)
    {
        group.Clear();
        lock (_monitor)
        {
            while (group.Count == 0)
            {
                while (_appends.Count == 0 && _others.Count == 0)
                {
                    if (_isClosed) return false;
                    Monitor.Wait(_monitor);
                }

                if (_appends.Count > 0 && (_others.Count == 0 || _appendsInARow < MaxAppendsInARow))
                {
                    _appendsInARow++;
                    while (group.Count < MaxAppendsPerTransaction && _appends.TryDequeue(out var append)) Add(append);
                }
                else
                {
                    _appendsInARow = 0;
                    Add(_others.Dequeue());
                }
            }
        }

        return true;

        void Add(WriteWork work)
        {
            if (work.TryTake()) group.Add(work);
        }
    }
}
