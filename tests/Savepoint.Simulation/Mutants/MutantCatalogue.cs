// It reads the repository, and is no part of a run.
#pragma warning disable RS0030

namespace Savepoint.Simulation;

/// <summary>The deliberate bugs that the simulator has to find, one text file each (docs/concepts/simulation.md).</summary>
public static class MutantCatalogue
{
    private const string Folder = "tests/Savepoint.Simulation/Mutants";

    /// <summary>The root of the repository that this program was built from.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Reads all of them, in the order of their names.</summary>
    /// <exception cref="FormatException">A file lacks something.</exception>
    public static IReadOnlyList<Mutant> Read() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, Folder), "*.txt")
            .Order(StringComparer.Ordinal)
            .Select(file => Mutant.Parse(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file))),
    ];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Savepoint.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("This program does not lie inside the repository.");
    }
}
