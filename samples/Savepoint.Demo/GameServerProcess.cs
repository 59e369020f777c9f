using System.Diagnostics;
using Savepoint.Testing;

namespace Savepoint.Demo;

/// <summary>The director's hold on a game server's process.</summary>
internal sealed class GameServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GameServerProcess(Process process) => _process = process;

    public static async Task<GameServerProcess> StartAsync(ServerProcess server, string name, int players, Tally tally)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in new[] { typeof(GameServerProcess).Assembly.Location, "game-server", name, server.StreamEndpoint.ToString(), $"{players}" })
            start.ArgumentList.Add(argument);
        start.Environment["SAVEPOINT_SECRET"] = server.GameServerSecret;
        var started = new GameServerProcess(Process.Start(start)!);
        started._process.OutputDataReceived += (_, line) => started.Hear(line.Data, tally);
        started._process.BeginOutputReadLine();
        await started._ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return started;
    }

    public void Play(string player) => _process.StandardInput.WriteLine($"play {player}");

    public async Task<int> StopAsync()
    {
        await _process.StandardInput.WriteLineAsync("stop");
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private void Hear(string? line, Tally tally)
    {
        if (line is null or "ready")
            _ready.TrySetResult();
        else
            tally.Take(line);
    }
}
