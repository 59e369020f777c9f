using Microsoft.Extensions.Diagnostics.HealthChecks;
using Savepoint.Engine.Storage;
using Savepoint.Server.Hosting;

namespace Savepoint.Server.Health;

/// <summary>Whether the database answers and can be written to. Asked at most once a second, however often the page is read.</summary>
internal sealed class StoreHealthCheck(IStore store, EngineHost engine, TimeProvider time) : IHealthCheck, IDisposable
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
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await store.CheckAsync(either.Token).AsTask().WaitAsync(Patience, time, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is StoreException or TimeoutException || (exception is OperationCanceledException && late.IsCancellationRequested))
        {
            return HealthCheckResult.Unhealthy("The database can't be written to.", exception);
        }
    }
}
