namespace Savepoint.Documents;

/// <summary>Defaults for new documents, and for what older documents miss. Immutable and safe for any thread.</summary>
public sealed class Template
{
    private readonly Document _defaults;
    private readonly TemplateNode[] _nodes;

    /// <summary>A template with the defaults of a document.</summary>
    /// <param name="defaults">The defaults, copied.</param>
    /// <param name="version">The template's version, at least 1; for the game's own use. The default is 1.</param>
    public Template(Document defaults, int version = 1)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        if (version < 1)
            throw new ArgumentOutOfRangeException(nameof(version), version, "Must be at least 1.");
        _defaults = defaults.Clone();
        _nodes = TemplateNode.Of(_defaults.Root, Path.Root);
        Version = version;
    }

    /// <summary>A template without defaults, version 1.</summary>
    public static Template Empty { get; } = new(new Document());

    /// <summary>Which version of the defaults this is, for the game's own use: to which version documents are migrated is for their kind to say.</summary>
    public int Version { get; }

    /// <summary>Composes a template from sections.</summary>
    /// <param name="populators">The sections. None may set what another one sets.</param>
    /// <param name="version">The template's version, at least 1. The default is 1.</param>
    /// <param name="limits">The limits to keep; null for <see cref="DocumentLimits.Default"/>.</param>
    /// <returns>The template.</returns>
    /// <exception cref="DocumentException">Two sections collide, or a limit is broken.</exception>
    public static Template From(IEnumerable<IPopulator> populators, int version = 1, DocumentLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(populators);
        var builder = new TemplateBuilder(limits);
        foreach (var populator in populators)
            builder.Add(populator);
        return builder.Build(version);
    }

    /// <summary>A new document with the defaults.</summary>
    /// <returns>The document, the caller's own.</returns>
    public Document CreateDocument() => _defaults.Clone();

    /// <summary>
    /// Writes what a document misses: at each key that it has not, the default. Goes into maps that both have; never changes a value that
    /// is there, of whatever kind, nor anything in a list.
    /// </summary>
    /// <param name="existing">The document; only read.</param>
    /// <param name="into">Gets one set operation per missing default.</param>
    /// <returns>Whether anything was missing.</returns>
    public bool Reconcile(Document existing, DeltaWriter into)
    {
        ArgumentNullException.ThrowIfNull(existing);
        ArgumentNullException.ThrowIfNull(into);
        return TemplateNode.Reconcile(_nodes, existing.Root, into);
    }
}
