using System.Diagnostics;
using System.Threading.Channels;

namespace Savepoint.EndToEnd;

/// <summary>samples/DedicatedServer in a process of its own, with somebody at its console.</summary>
internal sealed class GameServerConsole : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    private GameServerConsole(TestServer server, string name)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in new[] { FindProgram(), server.Process.StreamEndpoint.ToString(), name })
            start.ArgumentList.Add(argument);
        start.Environment["SAVEPOINT_SECRET"] = server.Process.GameServerSecret;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _ = line.Data is { } text ? _lines.Writer.TryWrite(text) : _lines.Writer.TryComplete();
        _process.BeginOutputReadLine();
    }

    public static async Task<GameServerConsole> OpenAsync(TestServer server, string name)
    {
        var console = new GameServerConsole(server, name);
        (await console.HearAsync()).ShouldStartWith($"{name} is open");
        return console;
    }

    /// <summary>Types a command.</summary>
    /// <returns>What it prints next.</returns>
    public async Task<string> AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        return await HearAsync();
    }

    /// <summary>What it prints next.</summary>
    public async Task<string> HearAsync() => await _lines.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>Sends it SIGTERM.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string FindProgram()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(here.Parent!.Parent!.FullName, "DedicatedServer", here.Name + "_net10.0", "DedicatedServer.dll");
    }
}
