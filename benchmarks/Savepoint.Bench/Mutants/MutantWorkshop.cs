using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Savepoint.Simulation;

namespace Savepoint.Bench;

/// <summary>
/// A copy of the sources and of this program, in which bugs are put one at a time: only the project that has the bug is built, and its assembly takes the
/// place of the one in the copy of the program.
/// </summary>
internal sealed partial class MutantWorkshop : IDisposable
{
    // What the sources are built with beside their projects.
    private static readonly string[] BuildFiles = ["*.props", "*.targets", "global.json", "BannedSymbols.txt", ".editorconfig", "nuget.config", "NuGet.config"];

    // A bug may leave something unused; it is to be found by what it does.
    private static readonly string[] BuildArguments =
        ["-c", "Release", "--nologo", "-v", "q", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false", "-p:GenerateDocumentationFile=false"];

    private readonly Dictionary<string, byte[]> _unchanged = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("savepoint-mutants-").FullName;

    public MutantWorkshop(string root)
    {
        foreach (var pattern in BuildFiles)
        {
            foreach (var file in Directory.EnumerateFiles(root, pattern))
                File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)), overwrite: true);
        }

        Copy(Path.Combine(root, "src"), Sources);
        Copy(AppContext.BaseDirectory, Program);
    }

    private string Sources => Path.Combine(_folder, "src");

    private string Program => Path.Combine(_folder, "program");

    /// <summary>Puts a bug in, has the simulator look for it, and takes it out again.</summary>
    public MutantFinding Try(Mutant mutant, int seeds, int limitSeconds)
    {
        var projects = mutant.Edits.Select(edit => edit.File.Split('/')[1]).Distinct().ToList();
        try
        {
            foreach (var edit in mutant.Edits)
            {
                var file = Path.Combine(_folder, edit.File);
                var source = File.ReadAllText(file);
                if (edit.CountIn(source) != 1)
                    return new MutantFinding(mutant, 0, $"its text is {edit.CountIn(source)} times in {edit.File}");
                Change(file, Encoding.UTF8.GetBytes(edit.Apply(source)));
            }

            foreach (var project in projects)
            {
                var (exitCode, output) = Run(["build", Path.Combine(Sources, project), .. BuildArguments]);
                if (exitCode != 0)
                    return new MutantFinding(mutant, 0, $"it does not build: {Errors().Match(output).Value}");
                var assembly = Path.Combine(_folder, "artifacts", "bin", project, "release", $"{project}.dll");
                Change(Path.Combine(Program, $"{project}.dll"), File.ReadAllBytes(assembly));
            }

            return Simulate(seeds, limitSeconds) is { } found
                ? new MutantFinding(mutant, found.Seed, found.What)
                : new MutantFinding(mutant, 0, $"not found by {seeds} seeds");
        }
        finally
        {
            Restore();
        }
    }

    /// <summary>Runs the program without any bug.</summary>
    /// <returns>What failed; null when nothing did.</returns>
    public string? TryUnchanged(int seeds, int limitSeconds) =>
        Simulate(seeds, limitSeconds) is { } broken ? $"seed {broken.Seed} fails: {broken.What}" : null;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (int Seed, string What)? Simulate(int seeds, int limitSeconds)
    {
        var (exitCode, output) = Run(
        [
            Path.Combine(Program, "savepoint-bench.dll"), "simulate", "--stop",
            "--seeds", seeds.ToString(CultureInfo.InvariantCulture),
            "--limit", limitSeconds.ToString(CultureInfo.InvariantCulture),
        ]);
        if (exitCode == 0)
            return null;
        var first = Failures().Matches(output)
            .Select(match => (Seed: int.Parse(match.Groups["seed"].Value, CultureInfo.InvariantCulture), What: match.Groups["what"].Value.TrimEnd()))
            .OrderBy(failure => failure.Seed)
            .FirstOrDefault();
        return first.Seed > 0 ? first : throw new InvalidOperationException($"The simulator ended with {exitCode} and names no seed:{Environment.NewLine}{output}");
    }

    private (int ExitCode, string Output) Run(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private void Change(string file, byte[] content)
    {
        _unchanged.TryAdd(file, File.ReadAllBytes(file));
        File.WriteAllBytes(file, content);
    }

    /// <summary>Writes everything as it was, under a new time: the next build has to see that it has changed.</summary>
    private void Restore()
    {
        foreach (var (file, content) in _unchanged)
            File.WriteAllBytes(file, content);
        _unchanged.Clear();
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [GeneratedRegex(@"^seed (?<seed>\d+): (?<what>.+ is broken: .*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Failures();

    [GeneratedRegex("error .*", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Errors();
}
