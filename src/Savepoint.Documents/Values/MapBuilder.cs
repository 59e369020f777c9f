using System.Collections;

namespace Savepoint.Documents;

/// <summary>Collects the entries of a new map, in any order: <c>new MapBuilder { ["gold"] = 5, ["name"] = "Ada" }</c>. Not thread-safe.</summary>
public sealed class MapBuilder : IEnumerable<KeyValuePair<string, Value>>
{
    private readonly MapValue _map = new();

    /// <summary>An empty builder.</summary>
    public MapBuilder()
    {
    }

    /// <summary>A builder with entries.</summary>
    /// <param name="entries">Keys and values; no key twice, no value absent.</param>
    /// <exception cref="DocumentException">As <see cref="Add"/>.</exception>
    public MapBuilder(IEnumerable<KeyValuePair<string, Value>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (var (key, value) in entries)
            Add(key, value);
    }

    /// <summary>How many entries there are.</summary>
    public int Count => _map.Count;

    /// <summary>Sets the value at a key, whether or not there is one.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="DocumentException">As <see cref="Add"/>, but for the key that is there.</exception>
    public Value this[string key]
    {
        set
        {
            var index = CheckedIndexOf(key, value);
            if (index >= 0)
                _map.SetAt(index, value);
            else
                _map.InsertAt(~index, KeyTable.Share(key), value);
        }
    }

    /// <summary>Adds an entry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="DocumentException">
    /// The key is there already (<see cref="DocumentError.DuplicateKey"/>) or not valid text (<see cref="DocumentError.InvalidString"/>),
    /// the value is absent (<see cref="DocumentError.NullValue"/>), or nesting passes <see cref="DocumentLimits.DepthCeiling"/>.
    /// </exception>
    public void Add(string key, Value value)
    {
        var index = CheckedIndexOf(key, value);
        if (index >= 0)
            throw new DocumentException(DocumentError.DuplicateKey, Path.Root.Child(key));
        _map.InsertAt(~index, KeyTable.Share(key), value);
    }

    /// <summary>Makes a map of the entries so far. The builder can go on.</summary>
    /// <returns>A map of its own.</returns>
    public MapValue Build() => _map.DeepClone();

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Value>> GetEnumerator() => _map.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The value of a map of the entries so far.</summary>
    /// <param name="builder">The builder.</param>
    public static implicit operator Value(MapBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Build();
    }

    private int CheckedIndexOf(string key, Value value)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Unicode.Utf8Length(key) < 0)
            throw new DocumentException(DocumentError.InvalidString);
        ValueRules.ThrowUnlessItem(value);
        return _map.IndexOf(key);
    }
}
