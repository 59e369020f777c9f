using System.Diagnostics;
using System.Globalization;
using Savepoint.Testing;

namespace Savepoint.Bench.Push;

/// <summary>
/// <c>push</c>: players who each watch their own profile, and game servers that change all of them in turn. Open loop: a change's time begins when it was due. The
/// server, the players' connections, the game servers and the baseline are processes of their own, on one machine, whose monotonic clock they share; a change
/// carries the time at which it was due.
/// </summary>
internal static class PushBench
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(PushSettings settings)
    {
        var folder = Directory.CreateTempSubdirectory("savepoint-push-");
        try
        {
            Console.WriteLine($"push: {settings.Connections:N0} players' connections, {settings.Rate:N0} changes/s by {settings.GameServers} game servers, coalescing off, store {settings.Store}, {settings.Seconds} s; load of the machine before: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
            var report = new BenchReport("push");
            var bytes = await MeasureAsync(settings, report, folder.FullName);
            if (!settings.WithoutBaseline)
                await MeasureBareAsync(settings, report, folder.FullName, bytes);
            return report.Print();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <returns>The bytes of one message.</returns>
    private static async Task<int> MeasureAsync(PushSettings settings, BenchReport report, string folder)
    {
        await using var postgres = await PrivatePostgres.StartForAsync(settings.Store);
        await using var server = await ServerProcess.StartAsync(new ServerProcessOptions
        {
            DataPath = folder,
            Settings = new Dictionary<string, string>(PrivatePostgres.SettingsFor(settings.Store, postgres)) { ["Savepoint__Kinds__0"] = Accounts.Kind },
        });
        var figures = new ProcessFigures(server.ProcessId);
        var games = await GameServers.ConnectAsync(server.StreamEndpoint, server.GameServerSecret, settings.GameServers, settings.Connections);
        await games.CreateProfilesAsync();
        var tokens = await WriteTokensAsync(server, settings.Connections, folder);
        var before = figures.ResidentMb;
        using var players = await PushedProcess.StartAsync(server.StreamEndpoint, settings.Connections, tokens);
        var idle = figures.ResidentMb;

        var running = games.RunAsync(settings.Rate, WarmUp + TimeSpan.FromSeconds(settings.Seconds));
        var began = Stopwatch.GetTimestamp();
        await Task.Delay(WarmUp);
        await players.CountAsync();
        var (counted, cpu, own) = (Stopwatch.GetTimestamp(), figures.CpuSeconds, Environment.CpuUsage.TotalTime);
        var highest = 0.0;
        while (!running.IsCompleted)
        {
            await Task.WhenAny(running, Task.Delay(250));
            highest = Math.Max(highest, figures.ResidentMb);
        }

        await running;
        var seconds = Stopwatch.GetElapsedTime(counted).TotalSeconds;
        (cpu, own) = (figures.CpuSeconds - cpu, Environment.CpuUsage.TotalTime - own);
        var (result, changes) = await players.EndAsync(folder, games.Versions);
        await games.DisposeAsync();

        var (fromDue, fromAnswer) = (new LatencyHistogram(), new LatencyHistogram());
        for (var player = 0; player < changes.Count; player++)
        {
            for (var i = 0; i < changes[player].Length; i++)
            {
                var (sent, came) = changes[player][i];
                if (sent < began + WarmUp.TotalSeconds * Stopwatch.Frequency)
                    continue;
                fromDue.Add(Stopwatch.GetElapsedTime(sent, came));
                var acknowledged = games.AcknowledgedAt(player, i + 1 + GameServers.FirstVersion);
                fromAnswer.Add(acknowledged < came ? Stopwatch.GetElapsedTime(acknowledged, came) : TimeSpan.Zero);
            }
        }

        var perChange = (double)result.Bytes / fromDue.Count;
        report.With("connections", settings.Connections, "players' connections")
            .With("perSecond", fromDue.Count / seconds, "changes pushed /s")
            .With("p50Ms", fromDue.PercentileMs(0.5), "from due to the client, p50 (ms)")
            .With("p99Ms", fromDue.PercentileMs(0.99), "from due to the client, p99 (ms)")
            .With("maxMs", fromDue.PercentileMs(1), "from due to the client, max (ms)")
            .With("afterAnswerP50Ms", fromAnswer.PercentileMs(0.5), "from the game server's answer to the client, p50 (ms)")
            .With("afterAnswerP99Ms", fromAnswer.PercentileMs(0.99), "from the game server's answer to the client, p99 (ms)")
            .With("afterAnswerMaxMs", fromAnswer.PercentileMs(1), "from the game server's answer to the client, max (ms)")
            .With("bytesPerChange", perChange, "bytes of a change, WebSocket's header included")
            .With("rssBeforeMb", before, "server's memory before the players (MB, RSS)")
            .With("rssIdleMb", idle, "… with all of them connected (MB)")
            .With("rssBusyMb", highest, "… under load, at the most (MB)")
            .With("serverCpuPercent", 100 * cpu / seconds, "server's processor (% of one core)")
            .With("gameServersCpuPercent", 100 * own.TotalSeconds / seconds, "game servers' processor (%)")
            .With("playersCpuPercent", 100 * result.CpuSeconds / seconds, "players' processor (%)")
            .With("checksums", result.Checksums, "versions compared by checksum");
        if ((result.Failure ?? games.Failure) is { } failure)
            report.Fail(failure);
        return (int)Math.Round(perChange);
    }

    private static async Task MeasureBareAsync(PushSettings settings, BenchReport report, string folder, int bytes)
    {
        var duration = (int)WarmUp.TotalSeconds + settings.Seconds;
        using var server = OtherProcess.StartWithInput(
            "push-baseline", "--connections", $"{settings.Connections}", "--rate", $"{settings.Rate}", "--seconds", $"{duration}", "--bytes", $"{bytes - 2}");
        try
        {
            var address = new UriBuilder((await server.StandardOutput.ReadLineAsync())!) { Scheme = "ws" }.Uri;
            var figures = new ProcessFigures(server.Id);
            var before = figures.ResidentMb;
            using var clients = await PushedProcess.StartAsync(address, settings.Connections, tokens: null);
            var idle = figures.ResidentMb;
            var began = Stopwatch.GetTimestamp();
            await server.StandardInput.WriteLineAsync("go");
            await Task.Delay(WarmUp);
            await clients.CountAsync();
            var (counted, cpu) = (Stopwatch.GetTimestamp(), figures.CpuSeconds);
            await server.StandardOutput.ReadLineAsync();
            var seconds = Stopwatch.GetElapsedTime(counted).TotalSeconds;
            cpu = figures.CpuSeconds - cpu;
            var total = (long)settings.Rate * duration;
            var (result, changes) = await clients.EndAsync(
                folder, Enumerable.Range(0, settings.Connections).Select(i => (total / settings.Connections) + (i < total % settings.Connections ? 1 : 0)));
            var latency = new LatencyHistogram();
            foreach (var (sent, came) in changes.SelectMany(client => client).Where(change => change.Sent >= began + WarmUp.TotalSeconds * Stopwatch.Frequency))
                latency.Add(Stopwatch.GetElapsedTime(sent, came));
            report.With("bareP50Ms", latency.PercentileMs(0.5), "bare Kestrel WebSockets: from due to the client, p50 (ms)")
                .With("bareP99Ms", latency.PercentileMs(0.99), "bare: p99 (ms)")
                .With("bareMaxMs", latency.PercentileMs(1), "bare: max (ms)")
                .With("bareRssBeforeMb", before, "bare: memory before the clients (MB, RSS)")
                .With("bareRssIdleMb", idle, "bare: … with all of them connected (MB)")
                .With("bareCpuPercent", 100 * cpu / seconds, "bare: processor (% of one core)");
            if (result.Failure is { } failure)
                report.Fail(failure);
        }
        finally
        {
            server.Kill();
        }
    }

    private static async Task<string> WriteTokensAsync(ServerProcess server, int connections, string folder)
    {
        var tokens = new string[connections];
        await Parallel.ForAsync(0, connections, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellationToken) =>
            tokens[i] = await server.IssuePlayerTokenAsync(Accounts.Id(i), cancellationToken));
        var file = Path.Combine(folder, "tokens");
        await File.WriteAllLinesAsync(file, tokens);
        return file;
    }
}

/// <summary>What is pushed.</summary>
internal sealed record PushSettings(string Store, int Connections, int Rate, int GameServers, int Seconds)
{
    public bool WithoutBaseline { get; init; }
}
