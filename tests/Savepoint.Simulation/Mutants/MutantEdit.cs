namespace Savepoint.Simulation;

/// <summary>A text of a source file that another takes the place of.</summary>
/// <param name="File">The file, from the root of the repository.</param>
/// <param name="Find">The text, which is in it exactly once.</param>
/// <param name="Put">What takes its place.</param>
public sealed record MutantEdit(string File, string Find, string Put)
{
    /// <summary>How often the text is in a source.</summary>
    public int CountIn(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Find.Length == 0 ? 0 : source.Split(Find).Length - 1;
    }

    /// <summary>Puts the bug into a source.</summary>
    public string Apply(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.Replace(Find, Put, StringComparison.Ordinal);
    }
}
