using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Metrics;

/// <summary>The page of a real server. Metrics are the process's: while other servers run in it, theirs would take the place of this one's.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class MetricsPageTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_are_text_that_Prometheus_reads()
    {
        await using var server = await RunningServer.StartAsync();
        await using var client = await server.ConnectAsync(TestClient.AsGameServer());

        // A request is counted once it is answered: the first by the time that the next commit is, and the refused one before anything else of its connection is looked at.
        await client.CommitAsync(Requests.Set("alice", "gold", 1));
        await client.CommitAsync(Requests.Set("alice", "gold", 2));
        await client.RefusedAsync(Requests.Unit());
        await client.SettleAsync();

        var response = await server.Http.GetAsync("/metrics", Cancelled);
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        text.ShouldContain("savepoint_streams_connections ");
        text.ShouldContain("savepoint_streams_requests_total{code=\"ok\"} ");
        text.ShouldContain("savepoint_streams_requests_total{code=\"request.invalid\"} ");
        text.ShouldContain("savepoint_commit_duration_seconds_count ");
        text.ShouldContain("dotnet_gc_collections_total{");
        text.ShouldContain("kestrel_active_connections{");
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            line.ShouldMatch("""^(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]*( .*)?|[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^{}"]*("[^"]*"[^{}"]*)*\})? (NaN|[+-]Inf|-?[0-9.]+(E[+-]?[0-9]+)?))$""");
    }
}
