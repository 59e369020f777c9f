using System.Diagnostics;

namespace Savepoint.EndToEnd.Edge;

/// <summary>The alert rules, as promtool sees them: they fire on one side of each threshold, and not on the other (alerts.test.yml).</summary>
public sealed class PrometheusTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("check", "config", "prometheus.yml")]
    [InlineData("test", "rules", "alerts.test.yml")]
    public async Task The_rules_are_valid_and_fire_when_they_should(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("savepoint-prometheus-");
        foreach (var file in new[] { Deployed.File("prometheus", "alerts.yml"), Deployed.File("prometheus", "prometheus.yml"), Path.Combine(Deployed.Root(), "tests", "Savepoint.EndToEnd", "Edge", "alerts.test.yml") })
            File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
        using var process = Process.Start(new ProcessStartInfo("promtool", arguments) { WorkingDirectory = folder.FullName, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = string.Concat(await Task.WhenAll(process.StandardOutput.ReadToEndAsync(Cancelled), process.StandardError.ReadToEndAsync(Cancelled)));
        await process.WaitForExitAsync(Cancelled);
        folder.Delete(recursive: true);
        process.ExitCode.ShouldBe(0, output);
    }
}
