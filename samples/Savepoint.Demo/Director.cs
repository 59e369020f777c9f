using System.Diagnostics;
using System.Globalization;
using Savepoint.Client;
using Savepoint.Testing;

namespace Savepoint.Demo;

/// <summary>
/// The demo: a server, two game servers and the players' clients, each game server a process of its own. 200 heroes earn, spend and trade, hop
/// between the game servers and are watched live; the server is killed in the middle. In the end every acknowledged change must be there once.
/// </summary>
internal sealed class Director(int players, TimeSpan half)
{
    private readonly Tally _tally = new();
    private readonly string[] _players = PlayerNames.All(players);
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("savepoint-demo-");
        try
        {
            await using var server = await ServerProcess.StartAsync(new ServerProcessOptions { DataPath = folder.FullName });
            Say($"The server listens at {server.Address}; its data is in {folder.FullName}.");
            return await RunAsync(server);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<int> RunAsync(ServerProcess server)
    {
        var starting = new[] { "gs-1", "gs-2" }.Select(name => GameServerProcess.StartAsync(server, name, players, _tally));
        var gameServers = await Task.WhenAll(starting);
        using var first = gameServers[0];
        using var second = gameServers[1];
        await using var clients = new PlayerClients();

        for (var i = 0; i < _players.Length; i++)
            gameServers[i % 2].Play(_players[i]);
        await UntilAsync(() => _tally.Openings >= players, "the players' sessions");
        Say($"{players} players are in, each with its session.");
        await Task.WhenAll(_players.Chunk(20).Select(async some =>
        {
            foreach (var player in some)
                await clients.WatchAsync(server, player);
        }));
        Say($"{players} players' clients watch their heroes live.");

        var (before, started) = (_tally.Acknowledged, Stopwatch.GetTimestamp());
        _tally.IsHopping = true;
        await PlayAndHopAsync(gameServers, half);
        var rate = (_tally.Acknowledged - before) / Stopwatch.GetElapsedTime(started).TotalSeconds;

        Say("The server is killed (SIGKILL), and started again.");
        await server.KillAsync();
        var down = Stopwatch.GetTimestamp();
        await server.StartAgainAsync();
        Say($"It is ready again after {Stopwatch.GetElapsedTime(down).TotalSeconds:0.0} s.");
        var atRestart = _tally.Acknowledged;
        await UntilAsync(() => _tally.Acknowledged > atRestart, "the first acknowledgement after the restart");
        _tally.UpAgainAt = DateTimeOffset.UtcNow;
        await PlayAndHopAsync(gameServers, half);

        Say("The game servers stop: final saves, sessions end.");
        var exits = await Task.WhenAll(first.StopAsync(), second.StopAsync());
        var stopped = await server.TerminateAsync();
        await server.StartAgainAsync();
        return Report(await JudgeAsync(server, clients), clients, rate, exits.Append(stopped).All(code => code == 0));
    }

    private async Task PlayAndHopAsync(GameServerProcess[] gameServers, TimeSpan duration)
    {
        // A tenth of the players at a time hop to the other game server while they play.
        const int hops = 10;
        for (var hop = 0; hop < hops; hop++)
        {
            await Task.Delay(duration / hops);
            foreach (var index in Enumerable.Range(0, _players.Length).Where(index => index % hops == hop))
            {
                _isOnSecond[index] = !_isOnSecond.GetValueOrDefault(index, index % 2 == 1);
                gameServers[_isOnSecond[index] ? 1 : 0].Play(_players[index]);
            }

            Say($"{_tally.Acknowledged,9:N0} changes acknowledged, {_tally.HandOvers,4} hand-overs");
        }
    }

    private readonly Dictionary<int, bool> _isOnSecond = [];

    private async Task<Verdict> JudgeAsync(ServerProcess server, PlayerClients clients)
    {
        var verdict = new Verdict();
        await using var client = await SavepointClient.ConnectAsync(new SavepointClientOptions
        {
            Endpoint = server.StreamEndpoint,
            Credentials = new GameServerCredentials("judge", server.GameServerSecret),
        });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var heroes = client.Store<Hero>(Hero.Kind);
        var stale = 0;
        foreach (var player in _players)
        {
            var view = await heroes.ViewAsync(player) ?? throw new InvalidOperationException($"{player} is gone.");
            verdict.Add(player, view.Document);
            if (!await clients.ShowsAsync(player, view, patience.Token))
                stale++;
        }

        if (stale > 0)
            _tally.Failures.Enqueue($"{stale} players' clients do not show what the server has");
        verdict.Judge(_tally);
        return verdict;
    }

    private int Report(Verdict verdict, PlayerClients clients, double rate, bool exitsAreClean)
    {
        Console.WriteLine();
        Row("changes/s", rate.ToString("N0", CultureInfo.InvariantCulture));
        Row("commit p50 / p99", $"{_tally.CommitMs(0.50):0.0} / {_tally.CommitMs(0.99):0.0} ms");
        Row("hand-over p50 / p99", $"{_tally.HandOverMs(0.50):0.0} / {_tally.HandOverMs(0.99):0.0} ms   ({_tally.HandOvers}, {_tally.HandOversOverOutage} of them over the restart, not timed)");
        Row("changes seen by players", $"{clients.Changes:N0}   ({clients.ChecksumMismatches} checksums wrong)");
        Row("changes refused by rule", $"{_tally.Refused:N0}   {_tally.RefusalCodes}");
        Row("acknowledged / lost / doubled", $"{_tally.Acknowledged:N0} / {verdict.Lost} / {verdict.Doubled}");
        Row("half trades, gold out of balance", $"{verdict.HalfTrades}, {verdict.Imbalance}");
        Row("time", $"{_clock.Elapsed.TotalSeconds:0.0} s");
        foreach (var failure in _tally.Failures.Take(5))
            Row("FAILED", failure);
        if (!exitsAreClean)
            Row("FAILED", "a process did not end with exit code 0");

        var isClean = verdict.IsClean && exitsAreClean && _tally.Failures.IsEmpty && clients.ChecksumMismatches == 0 && _tally.Acknowledged > 0 && _tally.HandOvers > 0;
        Console.WriteLine();
        Console.WriteLine(isClean ? "Every acknowledged change is there, once." : "The demo FAILED.");
        return isClean ? 0 : 1;
    }

    private static void Row(string name, string value) => Console.WriteLine($"  {name,-34}{value}");

    private void Say(string what) => Console.WriteLine($"{_clock.Elapsed.TotalSeconds,5:0.0} s  {what}");

    private static async Task UntilAsync(Func<bool> reached, string what)
    {
        var patience = Stopwatch.StartNew();
        while (!reached())
        {
            if (patience.Elapsed > TimeSpan.FromSeconds(30))
                throw new TimeoutException($"Waited in vain for {what}.");
            await Task.Delay(10);
        }
    }
}
