using Savepoint.Server.Tests.Profiles;

namespace Savepoint.Server.Tests.Metrics;

public sealed class RequestDurationTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_are_measured_by_route_method_and_class_of_status()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        (await api.GetAsync("profiles/alice")).ShouldBeOk();
        (await api.GetAsync("profiles/bob")).ShouldBeProblem(404, "entity.not_found");
        (await ProfileApi.Of(server, null).GetAsync("profiles/bob")).ShouldBeProblem(401, "auth.unauthenticated");
        (await api.GetAsync("nothing/here")).ShouldBeProblem(404, "request.no_such_endpoint");

        // A server measures a request once the client has its answer.
        const string Expected = """
            http_server_request_duration_seconds_count{http_request_method="GET",http_route="/api/v1/profiles/{id}",http_response_status_class="2xx"} 1
            http_server_request_duration_seconds_count{http_request_method="GET",http_route="/api/v1/profiles/{id}",http_response_status_class="4xx"} 2
            http_server_request_duration_seconds_count{http_request_method="GET",http_route="none",http_response_status_class="4xx"} 1
            http_server_request_duration_seconds_count{http_request_method="PUT",http_route="/api/v1/profiles/{id}",http_response_status_class="2xx"} 1
            """;
        while (string.Join('\n', (await CountsAsync(server)).Order(StringComparer.Ordinal)) != Expected.ReplaceLineEndings("\n"))
            Cancelled.ThrowIfCancellationRequested();
        (await server.Http.GetStringAsync("/metrics", Cancelled)).ShouldContain("http_route=\"/api/v1/profiles/{id}\",http_response_status_class=\"2xx\",le=\"0.3\"}");
    }

    private static async Task<IEnumerable<string>> CountsAsync(RunningServer server) => (await server.Http.GetStringAsync("/metrics", Cancelled)).Split('\n')
        .Where(line => line.StartsWith("http_server_request_duration_seconds_count", StringComparison.Ordinal) && !line.Contains("\"/metrics\"", StringComparison.Ordinal));
}
