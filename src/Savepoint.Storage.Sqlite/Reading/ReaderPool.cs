using System.Collections.Concurrent;
using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.Storage.Sqlite.Reading;

/// <summary>
/// Read-only connections. A read runs on its caller's thread and is short: what is long reads in pages, so that no reader keeps the log
/// from beginning anew.
/// </summary>
internal sealed class ReaderPool(ConnectionFactory connections, int maxReaders) : IDisposable
{
    private readonly SemaphoreSlim _free = new(maxReaders);
    private readonly ConcurrentStack<Connection> _idle = new();
    private volatile bool _isDisposed;

    public async ValueTask<T> RunAsync<T>(Func<Connection, T> read, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteStore));
        await _free.WaitAsync(cancellationToken);
        try
        {
            return Run(read);
        }
        catch (SqliteException exception)
        {
            throw exception.ToStoreException();
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        CloseIdle();
    }

    private T Run<T>(Func<Connection, T> read)
    {
        if (!_idle.TryPop(out var connection)) connection = connections.OpenReader();
        var isBroken = true;
        try
        {
            var result = read(connection);
            isBroken = false;
            return result;
        }
        finally
        {
            if (isBroken) connection.Dispose();
            else _idle.Push(connection);
            if (_isDisposed) CloseIdle();
        }
    }

    private void CloseIdle()
    {
        while (_idle.TryPop(out var connection)) connection.Dispose();
    }
}
