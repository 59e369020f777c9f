using Microsoft.Extensions.Diagnostics.HealthChecks;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Storage;
using Savepoint.Server.Hosting;

namespace Savepoint.Server.Health;

/// <summary>Whether the databases answer and can be written to; some of several are enough to serve. Asked at most once a second, however often the page is read.</summary>
internal sealed class StoreHealthCheck(ShardDatabases databases, EngineHost engine, TimeProvider time) : IHealthCheck, IDisposable
{
    private static readonly TimeSpan KeepFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1);
    private HealthCheckResult _last;
    private DateTimeOffset _lastAt = DateTimeOffset.MinValue;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (engine.State != EngineState.Ready)
            return HealthCheckResult.Unhealthy("The database is not open.");
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (time.GetUtcNow() - _lastAt >= KeepFor)
                (_last, _lastAt) = (await AskAsync(cancellationToken), time.GetUtcNow());
            return _last;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<HealthCheckResult> AskAsync(CancellationToken cancellationToken)
    {
        var failures = await Task.WhenAll(databases.Select(database => FindFailureAsync(database.Store, cancellationToken)));
        var failing = databases.Where((_, i) => failures[i] is not null).Select(database => database.Shards).ToList();
        if (failing.Count == 0)
            return HealthCheckResult.Healthy();
        var failure = failures.First(one => one is not null);
        return failing.Count == databases.Count
            ? HealthCheckResult.Unhealthy("The database can't be written to.", failure)
            : HealthCheckResult.Degraded($"The database of the shards {string.Join(", ", failing)} can't be written to.", failure);
    }

    private async Task<Exception?> FindFailureAsync(IStore store, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await store.CheckAsync(either.Token).AsTask().WaitAsync(Patience, time, cancellationToken);
            return null;
        }
        catch (InvalidOperationException notOpen)
        {
            return notOpen;
        }
        catch (Exception exception) when (exception is StoreException or TimeoutException || (exception is OperationCanceledException && late.IsCancellationRequested))
        {
            return exception;
        }
    }
}
