namespace Savepoint.Simulation;

/// <summary>A deliberate bug: what it does to the sources, and which promise that breaks. Read from a file of <see cref="MutantCatalogue"/>.</summary>
/// <param name="Name">The name of its file.</param>
/// <param name="Promise">What it breaks: an invariant, <c>I1</c> to <c>I9</c>, or <c>progress</c>.</param>
/// <param name="Does">One sentence on what it does.</param>
/// <param name="Edits">Where it is.</param>
public sealed record Mutant(string Name, string Promise, string Does, IReadOnlyList<MutantEdit> Edits)
{
    private const string PromiseField = "promise: ";
    private const string DoesField = "does: ";
    private const string EditField = "edit ";

    /// <summary>Reads one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">The content of its file.</param>
    /// <exception cref="FormatException">The file lacks something.</exception>
    public static Mutant Parse(string name, string text)
    {
        string? promise = null, does = null;
        var edits = new List<MutantEdit>();
        var lines = new Queue<string>(text.ReplaceLineEndings("\n").Split('\n'));
        while (lines.TryDequeue(out var line))
        {
            if (line.StartsWith(PromiseField, StringComparison.Ordinal))
                promise = line[PromiseField.Length..];
            else if (line.StartsWith(DoesField, StringComparison.Ordinal))
                does = line[DoesField.Length..];
            else if (line.StartsWith(EditField, StringComparison.Ordinal))
                edits.Add(new MutantEdit(line[EditField.Length..], Block(name, lines, "<<<", "==="), Block(name, lines, null, ">>>")));
            else if (line.Length > 0)
                throw new FormatException($"{name}: what is '{line}'?");
        }

        return promise is null || does is null || edits.Count == 0
            ? throw new FormatException($"{name} lacks its promise, what it does, or its edits")
            : new Mutant(name, promise, does, edits);
    }

    private static string Block(string name, Queue<string> lines, string? begin, string end)
    {
        if (begin is not null && (!lines.TryDequeue(out var first) || first != begin))
            throw new FormatException($"{name}: '{begin}' does not follow on the name of the file");
        var block = new List<string>();
        while (lines.TryDequeue(out var line))
        {
            if (line == end)
                return string.Join('\n', block);
            block.Add(line);
        }

        throw new FormatException($"{name}: '{end}' is missing");
    }
}
