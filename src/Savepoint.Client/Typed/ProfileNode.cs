namespace Savepoint.Client;

/// <summary>A typed part of a profile: its data, a section, a list or a map. It holds no values itself; it reads and writes the profile's document.</summary>
public abstract class ProfileNode
{
    private DocumentHost? _host;
    private Path? _path;

    private protected ProfileNode()
    {
    }

    /// <summary>Where in the document this is.</summary>
    /// <exception cref="InvalidOperationException">It belongs to no profile: it was made by <c>new</c>.</exception>
    public Path Path => _path ?? throw NoProfile();

    /// <summary>Whether anybody listens to its events.</summary>
    protected abstract bool HasListenersOfItsOwn { get; }

    internal bool HasListeners => HasListenersOfItsOwn;

    internal DocumentHost Host => _host ?? throw NoProfile();

    internal void Attach(DocumentHost host, Path path)
    {
        (_host, _path) = (host, path);
        OnAttached();
    }

    /// <summary>Tells of a change at or below this.</summary>
    internal abstract void Raise(in DocumentChange change);

    /// <summary>It belongs to a profile now.</summary>
    protected virtual void OnAttached()
    {
    }

    private static InvalidOperationException NoProfile() => new("This belongs to no profile. Use what Profile<T>.Data gives.");
}
