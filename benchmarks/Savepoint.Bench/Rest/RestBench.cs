using System.Globalization;
using Savepoint.Testing;

namespace Savepoint.Bench.Rest;

/// <summary>
/// <c>rest</c>: hit points of characters changed and read over HTTP/1.1 by logged-in players over connections that are kept alive; the load is made
/// by <c>wrk</c>, which sends the players' requests over all of its connections in turn, as a proxy would: so a connection brings another token each time. Beside it a
/// bare Kestrel endpoint of the same shape, under the same load, in turns.
/// </summary>
internal static class RestBench
{
    public static async Task<int> RunAsync(RestSettings settings)
    {
        var folder = Directory.CreateTempSubdirectory("savepoint-rest-");
        try
        {
            await using var postgres = await PrivatePostgres.StartForAsync(settings.Store);
            await using var server = await ServerProcess.StartAsync(new ServerProcessOptions
            {
                DataPath = folder.FullName,
                Settings = new Dictionary<string, string>(PrivatePostgres.SettingsFor(settings.Store, postgres))
                {
                    // One machine plays all players, as fast as they are answered.
                    ["Savepoint__RateLimits__Enabled"] = "false",
                },
            });
            using var players = new Players(server.Address);
            await players.RegisterAsync(settings.Players);
            using var bare = await BareProcess.StartAsync(players.Answer);
            Console.WriteLine($"rest: {settings.Players} players with a character each, {settings.Connections} connections, store {settings.Store}, {settings.Rounds} rounds of {settings.Seconds} s");

            var (ours, baseline) = (new Side(server.Address, server.ProcessId), new Side(bare.Address, bare.ProcessId));
            var changes = new Wrk(settings, Path.Combine(folder.FullName, "change.lua"), players.ChangeScript());
            var reads = new Wrk(settings, Path.Combine(folder.FullName, "read.lua"), players.ReadScript());
            await changes.WarmUpAsync(ours, baseline);
            await reads.WarmUpAsync(ours, baseline);
            var before = await players.VersionsAsync();
            var changed = await changes.CompareAsync(ours, baseline);
            var made = await players.VersionsAsync() - before;
            var read = await reads.CompareAsync(ours, baseline);
            return Report(settings, changed, read, made);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Report(RestSettings settings, Comparison changed, Comparison read, long made)
    {
        var report = new BenchReport("rest").With("store", settings.Store, "store");
        changed.AddTo(report, "patch", "PATCH …/stats/hitpoints, durable");
        read.AddTo(report, "get", "GET …/characters/{id}");
        report.With("baseline", "Kestrel with two endpoints: reads the same JSON, writes a character of the same fields, keeps nothing, checks nothing", "baseline");

        // What wrk cuts off at the end of a round may be done and is not counted by it.
        var most = changed.Requests + ((long)settings.Connections * settings.Rounds);
        if (made < changed.Requests || made > most)
            report.Fail(string.Create(CultureInfo.InvariantCulture, $"{changed.Requests} changes were acknowledged, and {made} were made"));
        return report.Print();
    }
}

/// <summary>What to run.</summary>
internal sealed record RestSettings(string Store, int Players, int Connections, int Rounds, int Seconds);
