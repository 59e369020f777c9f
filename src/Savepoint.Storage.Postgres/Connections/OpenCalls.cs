namespace Savepoint.Storage.Postgres.Connections;

/// <summary>Counts the calls that have begun, so that closing can wait for them and refuse the rest.</summary>
internal sealed class OpenCalls
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private bool _isClosed;

    /// <exception cref="ObjectDisposedException">The store was closed.</exception>
    public Call Begin()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(PostgresStore));
            _count++;
        }

        return new Call(this);
    }

    /// <summary>Lets no further call begin.</summary>
    /// <returns>Ends with the last of those that have.</returns>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (_count == 0)
                _allEnded.TrySetResult();
        }

        return _allEnded.Task;
    }

    private void End()
    {
        lock (_gate)
        {
            if (--_count == 0 && _isClosed)
                _allEnded.TrySetResult();
        }
    }

    public readonly struct Call(OpenCalls calls) : IDisposable
    {
        public void Dispose() => calls.End();
    }
}
