namespace Savepoint.Server.Tests.Accounts;

/// <summary>What a real server counts of logins. Metrics are the process's: while other servers run in it, theirs would take the place of this one's.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class MetricsTests
{
    [Fact]
    public async Task Logins_are_counted_by_method_and_outcome_so_that_their_success_can_be_watched()
    {
        await using var server = await AccountServer.StartAsync("--Savepoint:Accounts:MaxFailures=2");
        var alice = await server.RegisterAsync("alice");
        await server.RegisterAsync("alice");
        await server.RegisterAsync("al");
        await server.LogInAsync("alice");
        for (var i = 0; i < 3; i++)
            await server.LogInAsync("alice", "wrong password");
        await server.PostAsync("/api/v1/session/login", new { deviceId = "device-of-bob-001", create = true });
        await server.PostAsync("/api/v1/session/login", new { deviceId = "device-of-carol-1" });
        await server.PostAsync("/api/v1/session/login", new { token = "nonsense" });
        await server.RefreshAsync(alice.RefreshToken);
        server.Clock.Shift(TimeSpan.FromMinutes(3));
        await server.RefreshAsync(alice.RefreshToken);
        await server.RefreshAsync("nonsense");

        var lines = (await server.Server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n');
        lines.Where(line => line.StartsWith("savepoint_logins_", StringComparison.Ordinal) || line.StartsWith("savepoint_re", StringComparison.Ordinal)
            || line.StartsWith("savepoint_lock_outs", StringComparison.Ordinal) || line.StartsWith("savepoint_passwords", StringComparison.Ordinal)).Where(line => !line.Contains("relay")).ShouldBe(
        [
            "savepoint_logins_total{method=\"name\",outcome=\"ok\"} 1",
            "savepoint_logins_total{method=\"name\",outcome=\"failed\"} 2",
            "savepoint_logins_total{method=\"name\",outcome=\"locked_out\"} 1",
            "savepoint_logins_total{method=\"device\",outcome=\"ok\"} 1",
            "savepoint_logins_total{method=\"device\",outcome=\"failed\"} 1",
            "savepoint_logins_total{method=\"studio\",outcome=\"ok\"} 0",
            "savepoint_logins_total{method=\"studio\",outcome=\"failed\"} 1",
            "savepoint_registrations_total{outcome=\"ok\"} 1",
            "savepoint_registrations_total{outcome=\"taken\"} 1",
            "savepoint_registrations_total{outcome=\"malformed\"} 1",
            "savepoint_refreshes_total{outcome=\"ok\"} 1",
            "savepoint_refreshes_total{outcome=\"reused\"} 1",
            "savepoint_refreshes_total{outcome=\"invalid\"} 1",
            "savepoint_refresh_reuses_total 1",
            "savepoint_lock_outs_total 1",
            "savepoint_passwords_queued 0",
            "savepoint_passwords_refused_total 0",
        ], ignoreOrder: true);
    }
}
