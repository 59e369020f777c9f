namespace Savepoint.Client;

/// <summary>
/// The base of typed profiles and their sections, for the code that the generator makes: mark a partial class with <see cref="ProfileAttribute"/> or
/// <see cref="ProfileSectionAttribute"/> instead of deriving from this.
/// </summary>
public abstract class ProfileData : ProfileNode
{
    private Path[] _paths = [];

    /// <summary>Raised for each change of a property. Those of sections, lists and maps have events of their own.</summary>
    public event Action<PropertyChange>? PropertyChanged;

    /// <summary>The properties' names.</summary>
    protected abstract ProfileShape Shape { get; }

    /// <summary>Whether anybody listens to an event that the generator made.</summary>
    protected abstract bool HasTypedListeners { get; }

    /// <inheritdoc/>
    protected sealed override bool HasListenersOfItsOwn => PropertyChanged is not null || HasTypedListeners;

    /// <summary>The version of the template, as <see cref="ProfileAttribute.TemplateVersion"/> says; 0 where the game does not count.</summary>
    protected virtual int TemplateVersion => 0;

    internal int DeclaredTemplateVersion => TemplateVersion >= 0 ? TemplateVersion : throw new ArgumentOutOfRangeException(nameof(TemplateVersion), TemplateVersion, "Must not be negative.");

    internal Template Template()
    {
        var defaults = new MapBuilder();
        WriteTemplate(defaults);
        return new Template(new Document(defaults.Build()));
    }

    internal sealed override void Raise(in DocumentChange change)
    {
        var depth = Path.Count;
        if (change.Path.Count <= depth)
        {
            RaiseEach(change);
            return;
        }
        var property = Shape.IndexOf(change.Path.Segments[depth].Key);
        if (property < 0)
            return;
        if (change.Path.Count == depth + 1)
            PropertyChanged?.Invoke(new PropertyChange(Shape.Name(property), change.OldValue, change.NewValue, change.Origin));
        OnChange(property, change);
    }

    /// <summary>Tells a section, list or map of a change in it.</summary>
    /// <param name="node">Which.</param>
    /// <param name="change">The change.</param>
    protected static void Raise(ProfileNode? node, in DocumentChange change) => node?.Raise(change);

    /// <summary>Whether anybody listens to a section, list or map.</summary>
    /// <param name="node">Which.</param>
    /// <returns>True if so.</returns>
    protected static bool Listens(ProfileNode? node) => node is { HasListeners: true };

    /// <summary>The defaults of a section.</summary>
    /// <typeparam name="TSection">The section.</typeparam>
    /// <returns>A map.</returns>
    protected static Value SectionTemplate<TSection>()
        where TSection : ProfileData, new() => new TSection().Template().CreateDocument().Root;

    /// <summary>A default as a value.</summary>
    /// <typeparam name="TValue">Its type.</typeparam>
    /// <param name="value">The default.</param>
    /// <returns>The value.</returns>
    protected static Value ToValue<TValue>(TValue value) => ValueCodec<TValue>.Instance.ToValue(value);

    /// <summary>A change as its event carries it.</summary>
    /// <typeparam name="TValue">The property's type.</typeparam>
    /// <param name="change">The change.</param>
    /// <param name="fallback">Stands for absence.</param>
    /// <returns>The typed change.</returns>
    protected static PropertyChange<TValue> Typed<TValue>(in DocumentChange change, TValue fallback) =>
        new(ValueCodec<TValue>.Read(change.OldValue, fallback), ValueCodec<TValue>.Read(change.NewValue, fallback), change.Origin);

    /// <summary>Writes the defaults.</summary>
    /// <param name="template">Takes them.</param>
    protected abstract void WriteTemplate(MapBuilder template);

    /// <summary>A property, or something below it, has changed.</summary>
    /// <param name="property">Which.</param>
    /// <param name="change">The change.</param>
    protected abstract void OnChange(int property, in DocumentChange change);

    /// <summary>Makes the sections, lists and maps.</summary>
    protected virtual void AttachParts()
    {
    }

    /// <inheritdoc/>
    protected sealed override void OnAttached()
    {
        _paths = Shape.PathsBelow(Path);
        AttachParts();
    }

    /// <summary>Makes a section.</summary>
    /// <typeparam name="TSection">Its type.</typeparam>
    /// <param name="property">Which property it is.</param>
    /// <returns>The section.</returns>
    protected TSection AttachSection<TSection>(int property)
        where TSection : ProfileData, new() => Attach(property, new TSection());

    /// <summary>Makes a list.</summary>
    /// <typeparam name="TItem">The items' type.</typeparam>
    /// <param name="property">Which property it is.</param>
    /// <returns>The list.</returns>
    protected TrackedList<TItem> AttachList<TItem>(int property) => Attach(property, new TrackedList<TItem>());

    /// <summary>Makes a map.</summary>
    /// <typeparam name="TValue">The values' type.</typeparam>
    /// <param name="property">Which property it is.</param>
    /// <param name="additive">Whether what is set is saved as the difference.</param>
    /// <returns>The map.</returns>
    protected TrackedMap<TValue> AttachMap<TValue>(int property, bool additive) => Attach(property, new TrackedMap<TValue>(additive));

    /// <summary>A section, list or map that was attached.</summary>
    /// <typeparam name="TNode">Its type.</typeparam>
    /// <param name="node">The part.</param>
    /// <returns>The part.</returns>
    /// <exception cref="InvalidOperationException">This belongs to no profile.</exception>
    protected TNode Part<TNode>(TNode? node)
        where TNode : ProfileNode
    {
        _ = Host;
        return node!;
    }

    /// <summary>Reads a property.</summary>
    /// <typeparam name="TValue">Its type.</typeparam>
    /// <param name="property">Which.</param>
    /// <param name="fallback">Its default, for when the document has none.</param>
    /// <returns>The value.</returns>
    protected TValue Get<TValue>(int property, TValue fallback) =>
        Host.Read(_paths[property], fallback, static (value, fallback) => ValueCodec<TValue>.Read(value, fallback));

    /// <summary>Sets a property; null takes it out of the document.</summary>
    /// <typeparam name="TValue">Its type.</typeparam>
    /// <param name="property">Which.</param>
    /// <param name="value">The value.</param>
    protected void Set<TValue>(int property, TValue value)
    {
        var stored = ValueCodec<TValue>.Instance.ToValue(value);
        if (stored.IsNone)
            Host.Remove(_paths[property]);
        else
            Host.Set(_paths[property], stored);
    }

    /// <summary>Sets an additive property, by the difference.</summary>
    /// <param name="property">Which.</param>
    /// <param name="value">The value.</param>
    /// <param name="fallback">Its default, which counts while the document has none.</param>
    protected void SetByDifference(int property, long value, long fallback) => Difference.Set(Host, _paths[property], value, fallback);

    /// <summary>Sets an additive property, by the difference.</summary>
    /// <param name="property">Which.</param>
    /// <param name="value">The value.</param>
    /// <param name="fallback">Its default, which counts while the document has none.</param>
    protected void SetByDifference(int property, double value, double fallback) => Difference.Set(Host, _paths[property], value, fallback);

    /// <summary>Adds to an additive property.</summary>
    /// <param name="property">Which.</param>
    /// <param name="amount">What to add.</param>
    /// <param name="min">The least sum, or null.</param>
    /// <param name="max">The greatest sum, or null.</param>
    protected void Increment(int property, long amount, long? min, long? max) => Host.Increment(_paths[property], amount, min, max);

    /// <summary>Adds to an additive property.</summary>
    /// <param name="property">Which.</param>
    /// <param name="amount">What to add.</param>
    /// <param name="min">The least sum, or null.</param>
    /// <param name="max">The greatest sum, or null.</param>
    protected void Increment(int property, double amount, double? min, double? max) => Host.Increment(_paths[property], amount, min, max);

    private TNode Attach<TNode>(int property, TNode node)
        where TNode : ProfileNode
    {
        node.Attach(Host, _paths[property]);
        return node;
    }

    // All of it was set, cleared or removed at once.
    private void RaiseEach(in DocumentChange change)
    {
        foreach (var part in DocumentDiff.Between(Path, change.OldValue, change.NewValue, change.Origin))
            Raise(part);
    }
}
