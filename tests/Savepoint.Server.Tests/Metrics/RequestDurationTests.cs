using System.Diagnostics.Metrics;
using Savepoint.Server.Metrics;
using Savepoint.Server.Tests.Profiles;

namespace Savepoint.Server.Tests.Metrics;

public sealed class RequestDurationTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Requests_are_measured_by_route_method_and_class_of_status()
    {
        using var meter = new Meter("Microsoft.AspNetCore.Hosting");
        var durations = new RequestDurations(meter.CreateHistogram<double>("http.server.request.duration", "s"));
        Record("GET", "/api/v1/profiles/{id}", 200, "1.1");
        Record("GET", "/api/v1/profiles/{id}", 201, "2");
        Record("GET", "/api/v1/profiles/{id}", 404, "1.1");
        Record("PUT", "/api/v1/profiles/{id}", 200, "1.1");
        Record("GET", null, 404, "1.1");
        PrometheusWriter.Write([durations]).Split('\n').Where(line => line.Contains("_count", StringComparison.Ordinal)).ShouldBe(
        [
            "http_server_request_duration_seconds_count{http_request_method=\"GET\",http_route=\"/api/v1/profiles/{id}\",http_response_status_class=\"2xx\"} 2",
            "http_server_request_duration_seconds_count{http_request_method=\"GET\",http_route=\"/api/v1/profiles/{id}\",http_response_status_class=\"4xx\"} 1",
            "http_server_request_duration_seconds_count{http_request_method=\"PUT\",http_route=\"/api/v1/profiles/{id}\",http_response_status_class=\"2xx\"} 1",
            "http_server_request_duration_seconds_count{http_request_method=\"GET\",http_route=\"none\",http_response_status_class=\"4xx\"} 1",
        ]);

        void Record(string method, string? route, int status, string version)
        {
            List<KeyValuePair<string, object?>> tags = [new("url.scheme", "http"), new("http.request.method", method), new("network.protocol.version", version), new("http.response.status_code", status)];
            if (route is not null)
                tags.Add(new("http.route", route));
            durations.Record(0.25, tags.ToArray());
        }
    }

    [Fact]
    public async Task A_server_measures_so()
    {
        await using var server = await ProfileApi.StartAsync();
        await ProfileApi.Of(server).CreateAsync("alice", """{"gold":1}""");
        const string Measured = "http_server_request_duration_seconds_bucket{http_request_method=\"PUT\",http_route=\"/api/v1/profiles/{id}\",http_response_status_class=\"2xx\",le=\"0.3\"}";

        // It does so once the client has its answer.
        for (var attempt = 0; !(await server.Http.GetStringAsync("/metrics", Cancelled)).Contains(Measured, StringComparison.Ordinal); attempt++)
            attempt.ShouldBeLessThan(1_000);
    }
}
