namespace Savepoint.Documents;

/// <summary>Collects the defaults of a template. Not thread-safe.</summary>
public sealed class TemplateBuilder
{
    private readonly Document _defaults = new();
    private readonly List<(Path Path, IPopulator? By)> _set = [];
    private readonly DeltaWriter _delta = new();
    private readonly DocumentLimits _limits;
    private IPopulator? _section;

    /// <summary>An empty template.</summary>
    /// <param name="limits">The limits to keep; null for <see cref="DocumentLimits.Default"/>.</param>
    public TemplateBuilder(DocumentLimits? limits = null) => _limits = limits ?? DocumentLimits.Default;

    /// <summary>Sets a default; makes the maps on the way.</summary>
    /// <param name="path">Where; keys only.</param>
    /// <param name="value">The default.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="DocumentException">
    /// Another section has set this path, one above or one below (<see cref="DocumentError.DuplicateKey"/>; both are named), the path has an index
    /// (<see cref="DocumentError.InvalidPath"/>), or a limit is broken.
    /// </exception>
    public TemplateBuilder Set(Path path, Value value)
    {
        ArgumentNullException.ThrowIfNull(path);
        foreach (var segment in path.Segments)
        {
            if (segment.IsIndex)
                throw new DocumentException(DocumentError.InvalidPath, path, "a default stands at keys only");
        }
        foreach (var (other, by) in _set)
        {
            if (path.StartsWith(other) || other.StartsWith(path))
                throw new DocumentException(DocumentError.DuplicateKey, path, Collision(other, by));
        }
        _delta.Reset();
        _delta.Set(path, value);
        Delta.Apply(_defaults, _delta.WrittenSpan, _limits);
        _set.Add((path, _section));
        return this;
    }

    /// <summary>Adds a section.</summary>
    /// <param name="populator">The section.</param>
    /// <returns>This builder.</returns>
    public TemplateBuilder Add(IPopulator populator)
    {
        ArgumentNullException.ThrowIfNull(populator);
        var outer = _section;
        _section = populator;
        try
        {
            populator.Populate(this);
        }
        finally
        {
            _section = outer;
        }

        return this;
    }

    /// <summary>Makes the template. The builder can go on.</summary>
    /// <param name="version">The template's version, at least 1. The default is 1.</param>
    /// <returns>The template.</returns>
    public Template Build(int version = 1) => new(_defaults, version);

    private string Collision(Path other, IPopulator? by)
    {
        var first = by is null ? $"'{other}' is set already" : $"'{other}' is set already by {by.GetType().Name}";
        return _section is null ? first : $"{first}, and {_section.GetType().Name} sets it again";
    }
}
