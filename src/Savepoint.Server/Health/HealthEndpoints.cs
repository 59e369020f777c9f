using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Savepoint.Server.Health;

/// <summary>
/// <c>/health/live</c> (and <c>/health</c>): the process answers. <c>/health/ready</c> (and <c>/ready</c>): it serves requests; 503 until the journal is
/// recovered, while the store fails, and from the beginning of a shutdown.
/// </summary>
internal static class HealthEndpoints
{
    public static void MapSavepointHealth(this IEndpointRouteBuilder routes)
    {
        var live = new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync };
        var ready = new HealthCheckOptions { ResponseWriter = WriteAsync };
        routes.MapHealthChecks("/health/live", live).DisableRateLimiting();
        routes.MapHealthChecks("/health", live).DisableRateLimiting();
        routes.MapHealthChecks("/health/ready", ready).DisableRateLimiting();
        routes.MapHealthChecks("/ready", ready).DisableRateLimiting();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var checks = new JsonObject();
        var details = new JsonObject();
        foreach (var (name, entry) in report.Entries)
        {
            checks[name] = entry.Status switch { HealthStatus.Healthy => "ok", HealthStatus.Degraded => "degraded", _ => "failed" };
            if (entry.Description is { } description)
                details[name] = description;
        }

        var body = new JsonObject { ["status"] = NameOf(report.Status), ["checks"] = checks };
        if (details.Count > 0)
            body["details"] = details;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private static string NameOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
