// This starts real processes and waits for them in real time: nothing that the simulator could steer.
#pragma warning disable RS0030

using System.Diagnostics;
using System.Security.Cryptography;

namespace Savepoint.Testing;

/// <summary>
/// A real PostgreSQL of one's own, on a free port of the loopback interface and in a temporary folder, with a random password: to be used, killed and
/// started again by tests and benchmarks. It has nothing to do with a cluster that the system runs, and is gone with its data in the end.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The role that owns the server; a superuser.</summary>
    public const string Superuser = "savepoint";

    private readonly PostgresInstallation _installation;
    private readonly PostgresServerOptions _options;
    private readonly DirectoryInfo _folder;
    private readonly string _password = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private Process? _process;
    private ProcessOutput? _output;

    private PostgresServer(PostgresServerOptions options)
    {
        _options = options;
        _installation = PostgresInstallation.Find();
        _folder = Directory.CreateTempSubdirectory("savepoint-postgres-");
        Port = FreePort.Take();
    }

    /// <summary>The port that it listens on.</summary>
    public int Port { get; }

    /// <summary>The folder of its socket file, where <see cref="PostgresServerOptions.HasSocketFile"/> is set.</summary>
    public string SocketFolder => Data;

    /// <summary>What the running server has printed.</summary>
    public string Output => _output?.Text ?? "";

    /// <summary>The processor time of its processes that run now, since they were started.</summary>
    public TimeSpan ProcessorTime => ProcessTree.ChildrenOf(_process!.Id).Append(_process.Id).Aggregate(TimeSpan.Zero, (sum, id) => sum + TimeOf(id));

    private string Data => System.IO.Path.Combine(_folder.FullName, "data");

    /// <summary>Makes a new cluster and starts a server on it.</summary>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed, or did not start; the message says why.</exception>
    public static async Task<PostgresServer> StartAsync(PostgresServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        var server = new PostgresServer(options ?? new PostgresServerOptions());
        try
        {
            await server.InitializeAsync(cancellationToken);
            await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>How to connect.</summary>
    /// <param name="database">The database.</param>
    /// <param name="port">Another port, such as a proxy's; null for the server's own.</param>
    public string ConnectionString(string database, int? port = null) =>
        $"Host=127.0.0.1;Port={port ?? Port};Database={database};Username={Superuser};Password={_password}";

    /// <summary>Runs SQL with <c>psql</c>, as the superuser.</summary>
    /// <param name="database">The database.</param>
    /// <param name="sql">One or more statements; several run in one transaction.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The rows, without headings and with <c>|</c> between columns.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message has what was printed.</exception>
    public async Task<string> RunAsync(string database, string sql, CancellationToken cancellationToken = default)
    {
        var output = await RunProgramAsync("psql", ["-d", database, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql], cancellationToken);
        return output.Trim();
    }

    /// <summary>Runs <c>pgbench</c> with prepared statements, as the superuser.</summary>
    /// <param name="database">The database.</param>
    /// <param name="script">What each connection does again and again, in pgbench's own language.</param>
    /// <param name="clients">The number of connections.</param>
    /// <param name="duration">How long, in whole seconds.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message has what was printed.</exception>
    public async Task<string> RunPgbenchAsync(string database, string script, int clients, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        var file = System.IO.Path.GetTempFileName();
        try
        {
            await System.IO.File.WriteAllTextAsync(file, script, cancellationToken);
            return await RunProgramAsync(
                "pgbench",
                ["-n", "-M", "prepared", "-c", $"{clients}", "-j", "2", "-T", $"{(int)duration.TotalSeconds}", "-f", file, database],
                cancellationToken);
        }
        finally
        {
            System.IO.File.Delete(file);
        }
    }

    /// <summary>Writes a database out as SQL, with <c>pg_dump</c>.</summary>
    /// <param name="database">The database.</param>
    /// <param name="file">Where to.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task DumpAsync(string database, string file, CancellationToken cancellationToken = default) =>
        RunProgramAsync("pg_dump", ["-d", database, "-f", file], cancellationToken);

    /// <summary>Runs what <see cref="DumpAsync"/> has written, in one transaction.</summary>
    /// <param name="database">An empty database.</param>
    /// <param name="file">What was written.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task RestoreAsync(string database, string file, CancellationToken cancellationToken = default) =>
        RunProgramAsync("psql", ["-d", database, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-1", "-f", file], cancellationToken);

    /// <summary>Makes an empty database.</summary>
    public Task CreateDatabaseAsync(string name, CancellationToken cancellationToken = default) => RunAsync("postgres", $"create database \"{name}\"", cancellationToken);

    /// <summary>Starts it again after it was killed or stopped, on the same port and data, and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It ended, or did not answer in time; the message has what it printed.</exception>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        var start = _installation.AsServerUser("postgres", "-D", Data);
        var settings = new Dictionary<string, string>(_options.Settings, StringComparer.Ordinal)
        {
            ["port"] = $"{Port}",
            ["listen_addresses"] = "127.0.0.1",
            ["unix_socket_directories"] = _options.HasSocketFile ? SocketFolder : "",
        };
        foreach (var (name, value) in settings)
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add($"{name}={value}");
        }

        (_process, _output) = ProcessOutput.Start(start);
        await WaitUntilItAnswersAsync(cancellationToken);
    }

    /// <summary>Kills all of its processes with SIGKILL, as a power cut would, and waits until they are gone.</summary>
    public async Task KillAsync()
    {
        // The first of them goes first, so that it can't start others; they are its children until then.
        var children = ProcessTree.ChildrenOf(_process!.Id);
        _process.Kill();
        foreach (var child in children)
            _ = NativeMethods.Kill(child, NativeMethods.SigKill);
        await _process.WaitForExitAsync();
        foreach (var child in children)
            await ProcessTree.WaitUntilGoneAsync(child);
    }

    /// <summary>Stops it: connections are ended, what is committed is flushed.</summary>
    public Task StopAsync() => SignalAsync(NativeMethods.SigInt);

    /// <summary>Stops it at once, as <c>pg_ctl stop -m immediate</c> does; it recovers at the next start.</summary>
    public Task StopAtOnceAsync() => SignalAsync(NativeMethods.SigQuit);

    /// <summary>Ends it and removes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await StopAtOnceAsync();
        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private Task<string> RunProgramAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(_installation.Program(program));
        foreach (var argument in (IEnumerable<string>)["-h", "127.0.0.1", "-p", $"{Port}", "-U", Superuser, .. arguments])
            start.ArgumentList.Add(argument);
        start.Environment["PGPASSWORD"] = _password;
        return ProcessOutput.RunAsync(start, cancellationToken);
    }

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var passwordFile = System.IO.Path.Combine(_folder.FullName, "password");
        await System.IO.File.WriteAllTextAsync(passwordFile, _password, cancellationToken);
        await _installation.GiveToServerUserAsync(_folder.FullName, cancellationToken);
        await ProcessOutput.RunAsync(
            _installation.AsServerUser("initdb", "-D", Data, "-U", Superuser, "--pwfile", passwordFile, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"),
            cancellationToken);
        System.IO.File.Delete(passwordFile);
    }

    private async Task WaitUntilItAnswersAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await RunAsync("postgres", "select 1", cancellationToken);
                return;
            }
            catch (InvalidOperationException failure)
            {
                if (_process!.HasExited || Stopwatch.GetElapsedTime(started) > _options.ReadyTimeout)
                    throw new InvalidOperationException($"PostgreSQL did not start: {failure.Message}\n{Output}", failure);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    private static TimeSpan TimeOf(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.TotalProcessorTime;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return TimeSpan.Zero;
        }
    }

    private async Task SignalAsync(int signal)
    {
        if (NativeMethods.Kill(_process!.Id, signal) != 0)
            throw new InvalidOperationException("PostgreSQL could not be signalled.");
        await _process.WaitForExitAsync();
    }
}

/// <summary>How a server is started.</summary>
public sealed record PostgresServerOptions
{
    /// <summary>Settings of the server, as in <c>postgresql.conf</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether it listens on a socket file beside the port. The default value is false: a long name of the folder for temporary files is too long for one.</summary>
    public bool HasSocketFile { get; init; }

    /// <summary>How long it may take to answer. The default value is 60 seconds.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
