using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Savepoint.Server.Tests.Profiles;

namespace Savepoint.Server.Tests.Metrics;

/// <summary>What deploy/prometheus asks for is there. That the rules fire when they should is for promtool to show (tests/Savepoint.EndToEnd/Edge).</summary>
public sealed partial class AlertTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_metric_of_the_alerts_is_exported()
    {
        await using var server = await ProfileApi.StartAsync();
        await ProfileApi.Of(server).CreateAsync("alice", "{}");
        using var login = await server.Http.PostAsync("/api/v1/session/login", new StringContent("""{"userName":"nobody","password":"wrong-password"}""", Encoding.UTF8, "application/json"), Cancelled);
        var asked = Names().Matches(Comments().Replace(await File.ReadAllTextAsync(Alerts(), Cancelled), "")).Select(match => match.Value).Distinct(StringComparer.Ordinal).ToList();
        asked.Count.ShouldBeGreaterThanOrEqualTo(4);
        var exported = (await server.Http.GetStringAsync("/metrics", Cancelled)).Split('\n').Select(line => line.Split('{', ' ')[0]).ToHashSet(StringComparer.Ordinal);

        // A server without accounts has no logins to count.
        if (login.StatusCode == HttpStatusCode.NotFound)
            exported.Add("savepoint_logins_total");
        asked.Except(exported).ShouldBeEmpty();
    }

    private static string Alerts()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Savepoint.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        return Path.Combine(folder.FullName, "deploy", "prometheus", "alerts.yml");
    }

    [GeneratedRegex("(savepoint|http_server)_[a-z_]+(?=[{\\[])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Names();

    [GeneratedRegex("#.*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Comments();
}
