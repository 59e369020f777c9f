#pragma warning disable RS0030 // Finds and starts real programs.

using System.Diagnostics;

namespace Savepoint.Testing;

/// <summary>The programs of PostgreSQL on this machine. It refuses to run as root, so root starts it as the user that its package made.</summary>
internal sealed class PostgresInstallation
{
    private const string ServerUser = "postgres";

    private readonly string _programs;

    private PostgresInstallation(string programs) => _programs = programs;

    private static bool IsRoot => Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows();

    /// <summary>The newest version where Debian puts it, or the one on the path.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static PostgresInstallation Find()
    {
        const string debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(debian) ? Directory.GetDirectories(debian) : [];
        var folders = versions
            .OrderByDescending(folder => int.TryParse(System.IO.Path.GetFileName(folder), out var version) ? version : 0)
            .Select(folder => System.IO.Path.Combine(folder, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator));
        return new PostgresInstallation(folders.FirstOrDefault(folder => System.IO.File.Exists(System.IO.Path.Combine(folder, "initdb")))
            ?? throw new InvalidOperationException("PostgreSQL is not installed: sudo apt-get install postgresql-15."));
    }

    public string Program(string name) => System.IO.Path.Combine(_programs, name);

    /// <summary>A program that may not run as root.</summary>
    public ProcessStartInfo AsServerUser(string program, params string[] arguments)
    {
        // It becomes the program itself, without a process in between that would not pass signals on.
        var start = IsRoot ? new ProcessStartInfo("setpriv") : new ProcessStartInfo(Program(program));
        if (IsRoot)
        {
            foreach (var argument in (string[])[$"--reuid={ServerUser}", $"--regid={ServerUser}", "--init-groups", Program(program)])
                start.ArgumentList.Add(argument);
        }

        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.WorkingDirectory = System.IO.Path.GetTempPath();
        return start;
    }

    public async Task GiveToServerUserAsync(string folder, CancellationToken cancellationToken)
    {
        if (IsRoot)
            await ProcessOutput.RunAsync(new ProcessStartInfo("chown") { ArgumentList = { "-R", $"{ServerUser}:", folder } }, cancellationToken);
    }
}
