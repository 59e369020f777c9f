using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Savepoint.Client;

namespace Savepoint.Demo;

/// <summary>
/// A game server, in a process of its own. It reads whom to let in from its input (<c>play hero-7</c>, <c>stop</c>) and tells on its output what was
/// acknowledged: the director believes nothing else.
/// </summary>
internal sealed class GameServer(SavepointClient client, string name, string[] players) : IAsyncDisposable
{
    private static readonly TimeSpan ThinkTime = TimeSpan.FromMilliseconds(15);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, Task> _playing = new(StringComparer.Ordinal);
    private readonly Store<Hero> _heroes = client.Store<Hero>(Hero.Kind);
    private readonly Lock _output = new();
    private long _changes;

    public static async Task<int> RunAsync(Uri endpoint, string name, string secret, int players)
    {
        await using var client = await SavepointClient.ConnectAsync(new SavepointClientOptions
        {
            Endpoint = endpoint,
            Credentials = new GameServerCredentials(name, secret),
        });
        await using var server = new GameServer(client, name, PlayerNames.All(players));
        server.Say("ready");
        while (await Console.In.ReadLineAsync() is { } line && line != "stop")
        {
            if (line.Split(' ') is ["play", var player])
                server.Play(player);
        }

        await server.StopAsync();
        await client.ShutdownAsync();
        server.Say("stopped");
        return 0;
    }

    public ValueTask DisposeAsync()
    {
        _stopping.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Play(string player) => _playing[player] = PlayAsync(player);

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_playing.Values);
    }

    private async Task PlayAsync(string player)
    {
        try
        {
            var asked = Stopwatch.GetTimestamp();
            var opened = await _heroes.OpenSessionAsync(player, cancellationToken: _stopping.Token);
            var profile = opened.ProfileOrThrow();
            Say($"opened {player} {Milliseconds(asked)}");
            while (profile.IsActive && !_stopping.IsCancellationRequested)
            {
                await (Random.Shared.Next(4) == 0 ? TradeAsync(player) : ChangeAsync(profile));
                await Task.Delay(ThinkTime, CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped while it waited for the session.
        }
        catch (SavepointException failure)
        {
            Say($"failed {player} {failure.Code}");
        }
    }

    private async Task ChangeAsync(Profile<Hero> profile)
    {
        var earns = Random.Shared.Next(2) == 0;
        var amount = Random.Shared.Next(1, 50);
        var change = ChangeId.Make(name, earns ? 'q' : 's', Interlocked.Increment(ref _changes), earns ? amount : -amount);
        await AcknowledgedAsync(change, async () =>
        {
            Hero.Pay(profile, change, earns ? amount : -amount);
            await profile.SaveAsync();
        }, $"ack {profile.Id} {change}");
    }

    private async Task TradeAsync(string player)
    {
        var other = players[Random.Shared.Next(players.Length)];
        if (other == player)
            return;
        var amount = Random.Shared.Next(1, 50);
        var change = ChangeId.Make(name, ChangeId.Trade, Interlocked.Increment(ref _changes), amount);
        var entry = Hero.LedgerPath.Child(change);
        await AcknowledgedAsync(change, () => client.TransactAsync(
            trade => trade
                .Change(Hero.Kind, player, delta =>
                {
                    delta.Increment(Hero.GoldPath, -amount, min: 0);
                    delta.Increment(entry, -amount);
                })
                .Change(Hero.Kind, other, delta =>
                {
                    delta.Increment(Hero.GoldPath, amount);
                    delta.Increment(entry, amount);
                }),
            "trade"), $"ack-trade {player} {other} {change}");
    }

    private async Task AcknowledgedAsync(string change, Func<Task> make, string acknowledgement)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await make();
            Say($"{acknowledgement} {Milliseconds(started)}");
        }
        catch (SavepointException refusal) when (refusal.Outcome == RequestOutcome.NotApplied)
        {
            Say($"refused {change} {refusal.Code}");
        }
        catch (SavepointException lost)
        {
            Say($"unknown {change} {lost.Code}");
        }
    }

    private void Say(string line)
    {
        lock (_output)
            Console.Out.WriteLine(line);
    }

    private static string Milliseconds(long since) => Stopwatch.GetElapsedTime(since).TotalMilliseconds.ToString("0.000", CultureInfo.InvariantCulture);
}
