// This starts real processes and waits for them in real time: nothing that the simulator could steer.
#pragma warning disable RS0030

using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Savepoint.Protocol.Duplex;

namespace Savepoint.Testing;

/// <summary>
/// A real server in a process of its own: to be used, killed and started again by tests and samples.
/// It runs on the same port and the same data for as long as this object lives.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly StringBuilder _output = new();
    private readonly HttpClient _http = new();
    private readonly ServerProcessOptions _options;
    private readonly Uri _address;
    private Process? _process;

    private ServerProcess(ServerProcessOptions options)
    {
        _options = options;
        _address = options.Address ?? new Uri($"http://127.0.0.1:{FreePort.Take()}");
    }

    /// <summary>Where its streams are.</summary>
    public Uri StreamEndpoint => new UriBuilder(_address) { Scheme = "ws", Path = WebSocketDuplex.Path }.Uri;

    /// <summary>Where it answers HTTP.</summary>
    public Uri Address => _address;

    /// <summary>The folder with its database.</summary>
    public string DataPath => _options.DataPath;

    /// <summary>The development secret of game servers; there once it was started.</summary>
    public string GameServerSecret => File.ReadAllText(System.IO.Path.Combine(DataPath, "dev", "game-server-secret")).Trim();

    /// <summary>What it has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended, or was not ready in time; the message has what it printed.</exception>
    public static async Task<ServerProcess> StartAsync(ServerProcessOptions options, CancellationToken cancellationToken = default)
    {
        var server = Launch(options);
        await server.WaitUntilReadyAsync(cancellationToken);
        return server;
    }

    /// <summary>Starts a server and waits for nothing: for one that may end by itself.</summary>
    public static ServerProcess Launch(ServerProcessOptions options)
    {
        var server = new ServerProcess(options);
        server._process = server.StartProcess();
        return server;
    }

    /// <summary>Starts it again after it was killed or terminated, and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended, or was not ready in time; the message has what it printed.</exception>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        _process = StartProcess();
        await WaitUntilReadyAsync(cancellationToken);
    }

    /// <summary>Waits until it answers that it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended, or was not ready in time; the message has what it printed.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken = default)
    {
        var process = _process!;
        var started = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync(cancellationToken))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > _options.ReadyTimeout)
                throw new InvalidOperationException($"The server {(process.HasExited ? $"ended with {process.ExitCode}" : "was not ready in time")}:\n{Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Kills it with SIGKILL, as a power cut would, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop with SIGTERM and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync(CancellationToken cancellationToken = default)
    {
        SendTerminate();
        return await WaitForExitAsync(cancellationToken);
    }

    /// <summary>Asks it to stop with SIGTERM and does not wait.</summary>
    public void SendTerminate() => Signal(NativeMethods.SigTerm);

    /// <summary>Holds it with SIGSTOP, as a machine does that is suspended: it does nothing, and does not know.</summary>
    public void Pause() => Signal(NativeMethods.SigStop);

    /// <summary>Lets it go on after <see cref="Pause"/>.</summary>
    public void Resume() => Signal(NativeMethods.SigCont);

    /// <summary>Waits until it has ended and all that it printed is in <see cref="Output"/>.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken = default)
    {
        await _process!.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>The id that the operating system knows it by.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>The processor time that it has taken since it was started.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>What <c>/health/ready</c> says.</summary>
    public async Task<string> HealthAsync(CancellationToken cancellationToken = default)
    {
        using var response = await _http.GetAsync(new Uri(_address, "/health/ready"), cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>Gets a development token for a player.</summary>
    public async Task<string> IssuePlayerTokenAsync(string userId, CancellationToken cancellationToken = default)
    {
        using var body = new StringContent(new JsonObject { ["userId"] = userId }.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri(_address, "/dev/tokens"), body, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        return answer.RootElement.GetProperty("token").GetString()!;
    }

    /// <summary>Kills it, if it runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync();
        _process?.Dispose();
        _http.Dispose();
    }

    private void Signal(int signal)
    {
        if (NativeMethods.Kill(_process!.Id, signal) != 0)
            throw new InvalidOperationException("The server could not be signalled.");
    }

    private Process StartProcess()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(_options.ServerAssembly ?? FindServer());
        if (_options.HasDevelopmentCredentials)
            start.ArgumentList.Add("--dev");
        start.Environment["Savepoint__DataPath"] = DataPath;
        start.Environment["Savepoint__RateLimits__Enabled"] = "false";
        start.Environment["Savepoint__Listen"] = _address.GetLeftPart(UriPartial.Authority);
        foreach (var (name, value) in _options.Settings)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Keep(string? line)
    {
        const int most = 1 << 20;
        lock (_output)
        {
            if (line is not null && _output.Length < most)
                _output.AppendLine(line);
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(_address, "/health/ready"), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>The server that was built beside the program at hand.</summary>
    private static string FindServer()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        for (var folder = here.Parent; folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "Savepoint.Server", here.Name, "savepoint-server.dll");
            if (System.IO.File.Exists(candidate))
                return candidate;
        }

        throw new InvalidOperationException("The server is not built: dotnet build src/Savepoint.Server.");
    }
}

/// <summary>How a server process is started.</summary>
public sealed record ServerProcessOptions
{
    /// <summary>The folder for its database and its development credentials.</summary>
    public required string DataPath { get; init; }

    /// <summary>The server's <c>savepoint-server.dll</c>. By default the one that was built beside this program.</summary>
    public string? ServerAssembly { get; init; }

    /// <summary>Where it listens; null for a free port of the loopback interface.</summary>
    public Uri? Address { get; init; }

    /// <summary>Whether it makes its own credentials and gives out tokens, with <c>--dev</c>. The default value is true.</summary>
    public bool HasDevelopmentCredentials { get; init; } = true;

    /// <summary>How long it may take to be ready. The default value is 60 seconds.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Environment variables for it: its settings, <c>Savepoint__Engine__SaveInterval</c>. Unless they say otherwise it limits nobody: tests come from one address.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
