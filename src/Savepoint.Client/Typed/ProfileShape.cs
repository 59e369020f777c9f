namespace Savepoint.Client;

/// <summary>The properties of a typed profile or section, for the code that the generator makes. Thread-safe.</summary>
public sealed class ProfileShape
{
    private readonly string[] _names;
    private readonly string[] _keys;
    private readonly Dictionary<Path, Path[]> _paths = [];

    /// <summary>Makes the shape.</summary>
    /// <param name="names">The properties' names.</param>
    /// <param name="keys">Their keys in the document, in the same order.</param>
    public ProfileShape(string[] names, string[] keys) => (_names, _keys) = (names, keys);

    internal string Name(int property) => _names[property];

    internal int IndexOf(string? key) => key is null ? -1 : Array.IndexOf(_keys, key);

    /// <summary>The properties' paths. Made once for each place that a section has in the types.</summary>
    internal Path[] PathsBelow(Path path)
    {
        lock (_paths)
        {
            if (!_paths.TryGetValue(path, out var paths))
                _paths[path] = paths = Array.ConvertAll(_keys, path.Child);
            return paths;
        }
    }
}
