using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Documents;

/// <summary>
/// Values by key, in ordinal (UTF-16) order of the keys. Made by a <see cref="MapBuilder"/>; only a delta changes one that stands in a
/// document. May be read from several threads while no delta is applied.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "A value first, a collection second.")]
public sealed partial class MapValue : IReadOnlyCollection<KeyValuePair<string, Value>>
{
    // Copied before the first change when other maps use it too.
    private string[] _keys;
    private Value[] _values;
    private bool _sharesKeys;

    /// <summary>An empty map.</summary>
    public MapValue()
        : this([], [], 0)
    {
    }

    internal MapValue(string[] keys, Value[] values, int count, bool sharesKeys = false)
    {
        _keys = keys;
        _values = values;
        _sharesKeys = sharesKeys;
        Count = count;
    }

    /// <summary>How many keys there are.</summary>
    public int Count { get; private set; }

    /// <summary>The value at a key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="DocumentException">There is none (<see cref="DocumentError.PathNotFound"/>).</exception>
    public Value this[string key] => TryGet(key, out var value) ? value : throw new DocumentException(DocumentError.PathNotFound, Path.Root.Child(key));

    /// <summary>The key at a place in the order of keys.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    /// <returns>The key.</returns>
    public string KeyAt(int index) => _keys.AsSpan(0, Count)[index];

    /// <summary>The value at a place in the order of keys.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    /// <returns>The value.</returns>
    public Value ValueAt(int index) => _values.AsSpan(0, Count)[index];

    /// <summary>The value at a key, if there is one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, or absent.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(string key, out Value value) => TryGet(key.AsSpan(), out value);

    /// <summary>The value at a key, if there is one. Allocates nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, or absent.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(ReadOnlySpan<char> key, out Value value)
    {
        var index = IndexOf(key);
        value = index >= 0 ? _values[index] : default;
        return index >= 0;
    }

    /// <summary>Whether there is a value at a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>True if there is one.</returns>
    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    /// <summary>The entries in order of their keys.</summary>
    /// <returns>An enumerator that allocates nothing.</returns>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<string, Value>> IEnumerable<KeyValuePair<string, Value>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Where the key is, or the complement of where it would be.</summary>
    internal int IndexOf(ReadOnlySpan<char> key)
    {
        var keys = _keys;
        var low = 0;
        var high = Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = keys[middle].AsSpan().SequenceCompareTo(key);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return ~low;
    }

    /// <summary>Walks a map's entries in order of their keys.</summary>
    public struct Enumerator : IEnumerator<KeyValuePair<string, Value>>
    {
        private readonly MapValue _map;
        private int _index;

        internal Enumerator(MapValue map)
        {
            _map = map;
            _index = -1;
        }

        /// <inheritdoc/>
        public readonly KeyValuePair<string, Value> Current => new(_map._keys[_index], _map._values[_index]);

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext() => ++_index < _map.Count;

        /// <inheritdoc/>
        public void Reset() => _index = -1;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
