using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>What goes wrong with game servers and players, and with the network between them and the nodes.</summary>
internal sealed class NetworkFaults(SimulationContext run)
{
    /// <summary>A network without faults, with a server that drops who does not answer its pings, as the real one does.</summary>
    public static readonly NetworkWeather Fair = new() { KeepAliveTimeout = TimeSpan.FromSeconds(20) };

    private readonly Random _random = run.World.NewRandom();

    /// <summary>All of them, with their weights.</summary>
    public IEnumerable<(string Name, int Weight, Func<Task> Happen)> All =>
    [
        ("game server crash", 4, CrashGameServerAsync),
        ("game server pause", 3, PauseGameServerAsync),
        ("connections broken", 2, BreakAsync),
        ("connections silent", 2, SilenceAsync),
        ("game server cut off", 2, CutOffAsync),
        ("network bad", 3, WeatherAsync),
    ];

    /// <summary>Ends all of them. What was silenced stays silent, until it is noticed.</summary>
    public void Heal()
    {
        run.Network.Weather = Fair;
        run.Network.Heal();
        foreach (var process in run.ClientProcesses.Living)
            process.Resume();
    }

    private Task CrashGameServerAsync()
    {
        Choose()?.CrashAfter(_random.Next(60));
        return Task.CompletedTask;
    }

    /// <summary>One that stands still for longer than its lease wakes up without its sessions.</summary>
    private async Task PauseGameServerAsync()
    {
        if (Choose() is not { } process)
            return;
        process.Pause();
        var most = Fair.KeepAliveTimeout;
        var time = TimeSpan.FromSeconds(_random.NextDouble() * (_random.Next(2) == 0 ? 60 : 8));
        await PauseAsync(time < most ? time : most);
        if (time >= most)
        {
            // It does not answer pings.
            run.Network.BreakAllOf(process);
            await PauseAsync(time - most);
        }

        process.Resume();
    }

    private Task BreakAsync()
    {
        run.Network.BreakSome(_random.Next(2) == 0 ? 1 : 0.5);
        return Task.CompletedTask;
    }

    private Task SilenceAsync()
    {
        run.Network.BlackholeSome(0.4);
        return Task.CompletedTask;
    }

    private async Task CutOffAsync()
    {
        if (Choose() is not { } process)
            return;
        var time = run.Settings.Pace.Scale(TimeSpan.FromSeconds(0.2 + (_random.NextDouble() * 25)));
        if (_random.Next(2) == 0)
            run.Network.Partition(process, time);
        else
            run.Network.Partition(process, run.Cluster.Current.Process, time);
        await Task.Delay(time, run.World.Time);
    }

    private async Task WeatherAsync()
    {
        var weather = Fair with
        {
            MaxLatency = TimeSpan.FromMilliseconds(_random.Next(2, 400)),
            StallShare = _random.NextDouble() * 0.1,
            MaxStall = TimeSpan.FromSeconds(_random.Next(1, 10)),
            BreakShare = _random.Next(2) * _random.NextDouble() * 0.05,
            RefusedShare = _random.NextDouble(),
            DeathToldShare = _random.NextDouble() / 2,
        };
        run.Network.Weather = weather;
        await PauseAsync(TimeSpan.FromSeconds(2 + (_random.NextDouble() * 25)));
        if (run.Network.Weather == weather)
            run.Network.Weather = Fair;
    }

    private SimulatedProcess? Choose() => run.ClientProcesses.Living is { Count: > 0 } living ? living[_random.Next(living.Count)] : null;

    private Task PauseAsync(TimeSpan time) => Task.Delay(run.Settings.Pace.Scale(time), run.World.Time);
}
