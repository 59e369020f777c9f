using System.Diagnostics;
using System.Threading.Channels;

namespace Savepoint.Embedded.Tests;

/// <summary>samples/Savepoint.EmbeddedGame in a process of its own.</summary>
internal sealed class GameProcess : IDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    private GameProcess(string folder)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(Assembly);
        start.ArgumentList.Add(folder);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
                _lines.Writer.TryWrite(text);
            else
                _lines.Writer.TryComplete();
        };
        _process.BeginOutputReadLine();
    }

    /// <summary>The program that was built beside the tests.</summary>
    public static string Assembly
    {
        get
        {
            var here = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(here.Parent!.Parent!.FullName, "Savepoint.EmbeddedGame", here.Name, "Savepoint.EmbeddedGame.dll");
        }
    }

    public static GameProcess Start(string folder) => new(folder);

    /// <summary>What it has printed next.</summary>
    public async Task<Saved> NextAsync() => Saved.Parse(await _lines.Reader.ReadAsync(TestContext.Current.CancellationToken));

    /// <summary>What it has printed from here to its end.</summary>
    public async Task<IReadOnlyList<Saved>> RestAsync()
    {
        var rest = new List<Saved>();
        await foreach (var line in _lines.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
            rest.Add(Saved.Parse(line));
        return rest;
    }

    /// <summary>Ends it with SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Ends it in good order.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        await _process.StandardInput.WriteLineAsync("stop");
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}

/// <summary>A save that the game was told to be durable.</summary>
internal readonly record struct Saved(string Hero, long Version, long Gold)
{
    public static Saved Parse(string line) => line.Split(' ') is [var hero, var version, var gold]
        ? new Saved(hero, long.Parse(version, null), long.Parse(gold, null))
        : throw new FormatException($"'{line}' is no save.");
}
