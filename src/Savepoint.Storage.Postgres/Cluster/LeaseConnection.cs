using Npgsql;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres.Connections;
using Savepoint.Storage.Postgres.Schema;

namespace Savepoint.Storage.Postgres.Cluster;

/// <summary>
/// A connection that is kept, for one call at a time. After any failure that is not the server's plain refusal it is opened anew before the next call.
/// </summary>
internal sealed class LeaseConnection(ConnectionSettings settings, PostgresStoreOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly NpgsqlDataSource _source = ConnectionSettings.Source(settings.Journal);
    private NpgsqlConnection? _connection;
    private bool _isDisposed;

    /// <summary>Does something with the connection.</summary>
    /// <param name="body">What; is told whether the connection is a new one, which holds none of the locks that the one before held.</param>
    /// <param name="cancellationToken">Ends the wait; the call may take effect all the same.</param>
    /// <exception cref="StoreException">It failed; the outcome says whether it may have taken effect.</exception>
    public async ValueTask<T> RunAsync<T>(Func<NpgsqlConnection, bool, CancellationToken, ValueTask<T>> body, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var isNew = _connection is null;
            var connection = _connection ??= await OpenAsync(cancellationToken);
            return await SendAsync(body, connection, isNew, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Gives up the connection, and with it all locks that it holds.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        _isDisposed = true;
        await DropAsync();
        await _source.DisposeAsync();
        _turn.Release();
    }

    private async ValueTask<T> SendAsync<T>(
        Func<NpgsqlConnection, bool, CancellationToken, ValueTask<T>> body, NpgsqlConnection connection, bool isNew, CancellationToken cancellationToken)
    {
        try
        {
            return await body(connection, isNew, cancellationToken);
        }
        catch (Exception failure)
        {
            // An exchange that broke off in its middle, or a transaction, must not go on with the next call.
            await DropAsync();
            if (PostgresErrors.IsOurs(failure))
                throw PostgresErrors.AfterSending(failure);
            throw;
        }
    }

    private async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await _source.OpenConnectionAsync(cancellationToken);
            await ServerRequirements.CheckAsync(connection, options, cancellationToken);
            return connection;
        }
        catch (Exception failure)
        {
            if (connection is not null)
                await connection.DisposeAsync();
            if (PostgresErrors.IsOurs(failure))
                throw PostgresErrors.NotApplied(failure);
            throw;
        }
    }

    private async ValueTask DropAsync()
    {
        var connection = _connection;
        _connection = null;
        if (connection is not null)
            await connection.DisposeAsync();
    }
}
