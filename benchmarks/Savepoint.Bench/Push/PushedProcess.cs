using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Savepoint.Bench.Push;

/// <summary>The process with the connections, as the bench sees it.</summary>
internal sealed class PushedProcess : IDisposable
{
    private readonly Process _process;

    private PushedProcess(Process process) => _process = process;

    /// <summary>Starts it and waits until all are connected.</summary>
    public static async Task<PushedProcess> StartAsync(Uri endpoint, int connections, string? tokens)
    {
        List<string> arguments = ["push-clients", "--endpoint", endpoint.ToString(), "--connections", connections.ToString(CultureInfo.InvariantCulture)];
        if (tokens is not null)
            arguments.AddRange(["--tokens", tokens]);
        var process = new PushedProcess(OtherProcess.StartWithInput([.. arguments]));
        await process.ExpectAsync("connected");
        return process;
    }

    public async Task CountAsync()
    {
        await _process.StandardInput.WriteLineAsync("count");
        await ExpectAsync("counts");
    }

    /// <summary>Waits until each connection has its version.</summary>
    /// <returns>How it went, and the times of all changes of each connection.</returns>
    public async Task<(PushedResult Result, List<(long Sent, long Came)[]> Changes)> EndAsync(string folder, IEnumerable<long> versions)
    {
        var (expected, times) = (Path.Combine(folder, "versions"), Path.Combine(folder, "times"));
        await File.WriteAllLinesAsync(expected, versions.Select(version => version.ToString(CultureInfo.InvariantCulture)));
        await _process.StandardInput.WriteLineAsync($"{expected}\t{times}");
        var result = JsonSerializer.Deserialize<PushedResult>(await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The connections' process has failed."))!;
        return (result, PushedClients.Read(times));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task ExpectAsync(string line)
    {
        var said = await _process.StandardOutput.ReadLineAsync();
        if (said != line)
            throw new InvalidOperationException($"The connections' process said: {said}");
    }
}
