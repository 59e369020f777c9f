using Microsoft.Extensions.Diagnostics.HealthChecks;
using Savepoint.Engine;
using Savepoint.Server.Hosting;

namespace Savepoint.Server.Health;

/// <summary>
/// Whether the engine has recovered, its commits succeed, and all shards are served. Where there are several databases and some work, it is not taken out of
/// service for the others.
/// </summary>
internal sealed class EngineHealthCheck(EngineHost host, StateEngine engine) : IHealthCheck
{
    private const int ListedShards = 8;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Check());

    private HealthCheckResult Check() => host.State switch
    {
        EngineState.Starting => HealthCheckResult.Unhealthy("Recovering from the journal."),
        EngineState.Failed => HealthCheckResult.Unhealthy("The start has failed."),
        EngineState.Stopping => HealthCheckResult.Unhealthy("Shutting down."),
        _ => Check(engine.Snapshot()),
    };

    private static HealthCheckResult Check(EngineSnapshot snapshot)
    {
        if (!snapshot.IsReady)
            return HealthCheckResult.Unhealthy("The engine serves no requests.");
        var failing = snapshot.Databases.Where(database => database.StoreFailure is not null).ToList();
        if (failing.Count == snapshot.Databases.Count)
            return HealthCheckResult.Unhealthy("Changes can't be stored at present.");
        if (failing.Count > 0)
            return HealthCheckResult.Degraded($"Changes of the shards {string.Join(", ", failing.Select(database => database.Shards))} can't be stored at present.");
        if (snapshot.FailedShards.Count == 0)
            return HealthCheckResult.Healthy();
        var shards = string.Join(", ", snapshot.FailedShards.Keys.Order().Take(ListedShards));
        var more = snapshot.FailedShards.Count > ListedShards ? ", …" : "";
        return HealthCheckResult.Degraded($"{snapshot.FailedShards.Count} shards could not be recovered and are not served: {shards}{more}.");
    }
}
