using Microsoft.Extensions.Diagnostics.HealthChecks;
using Savepoint.Cluster;
using Savepoint.Server.Membership;

namespace Savepoint.Server.Health;

/// <summary>Whether this node's lease holds, and every shard has an owner.</summary>
internal sealed class MembershipHealthCheck(MembershipWatch watch, MemberOptions options, IShardMaps maps) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (watch.SinceRenewal is not { } since)
            return HealthCheckResult.Unhealthy("The node has not joined the cluster yet.");
        if (since >= options.Lease)
            return HealthCheckResult.Unhealthy("The lease has run out: the database can't be reached.");
        var free = maps.Current.Owners.Count(owner => owner.Node is null);
        return free == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded($"{free} shards have no owner at present.");
    }
}
