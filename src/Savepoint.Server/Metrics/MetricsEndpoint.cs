namespace Savepoint.Server.Metrics;

/// <summary><c>GET /metrics</c>: everything measured, for Prometheus.</summary>
internal static class MetricsEndpoint
{
    public static void MapSavepointMetrics(this WebApplication app)
    {
        // Made now, so that it hears everything from the beginning.
        var collector = app.Services.GetRequiredService<MetricsCollector>();
        app.MapGet("/metrics", () => Results.Text(PrometheusWriter.Write(collector.Collect()), PrometheusWriter.ContentType)).DisableRateLimiting();
    }
}
