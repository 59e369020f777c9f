using System.Diagnostics.Metrics;
using Savepoint.Server.Metrics;

namespace Savepoint.Server.Tests.Metrics;

/// <summary>That a server measures so is shown with a process of its own (tests/Savepoint.EndToEnd/Edge/GatewayTests.cs): several in one process share their metrics.</summary>
public sealed class RequestDurationTests
{
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
}
