using Npgsql;
using Polly;
using Polly.CircuitBreaker;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Postgres.Connections;

/// <summary>The connections for everything but appends.</summary>
/// <param name="source">The pool.</param>
/// <param name="calls">The store's open calls.</param>
/// <param name="retries">How reads are tried again; see <see cref="ReadResilience"/>.</param>
internal sealed class ConnectionPool(NpgsqlDataSource source, OpenCalls calls, ResiliencePipeline retries)
{
    /// <summary>Runs what may run twice: a read, or a write that does nothing the second time. Tried again for passing reasons.</summary>
    /// <exception cref="StoreException">It failed to the last.</exception>
    public async ValueTask<T> RepeatAsync<T>(Func<NpgsqlConnection, CancellationToken, ValueTask<T>> body, CancellationToken cancellationToken)
    {
        using var call = calls.Begin();
        try
        {
            return await retries.ExecuteAsync(
                static async (state, token) => await RunAsync(state.source, state.body, token), (source, body), cancellationToken);
        }
        catch (BrokenCircuitException broken)
        {
            throw new StoreException("PostgreSQL has failed several times in a row and is left alone for a moment.", WriteOutcome.NotApplied, isTransient: true, broken);
        }
    }

    /// <summary>Runs a write once: whoever asked for it knows whether it may be tried again.</summary>
    /// <exception cref="StoreException">It failed; the outcome says whether it may have taken effect.</exception>
    public async ValueTask<T> WriteAsync<T>(Func<NpgsqlConnection, CancellationToken, ValueTask<T>> body, CancellationToken cancellationToken)
    {
        using var call = calls.Begin();
        return await RunAsync(source, body, cancellationToken);
    }

    private static async ValueTask<T> RunAsync<T>(
        NpgsqlDataSource source, Func<NpgsqlConnection, CancellationToken, ValueTask<T>> body, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(source, cancellationToken);
        try
        {
            return await body(connection, cancellationToken);
        }
        catch (Exception failure) when (PostgresErrors.IsOurs(failure))
        {
            throw PostgresErrors.AfterSending(failure);
        }
    }

    private static async ValueTask<NpgsqlConnection> OpenAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        try
        {
            return await source.OpenConnectionAsync(cancellationToken);
        }
        catch (Exception failure) when (PostgresErrors.IsOurs(failure))
        {
            throw PostgresErrors.NotApplied(failure);
        }
    }
}
