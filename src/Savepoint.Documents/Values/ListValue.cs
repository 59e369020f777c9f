using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Documents;

/// <summary>
/// An ordered list of values. Only a delta changes one that stands in a document. May be read from several threads while no delta is
/// applied.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "A value first, a collection second.")]
public sealed partial class ListValue : IReadOnlyList<Value>
{
    private Value[] _items;

    /// <summary>An empty list.</summary>
    public ListValue()
        : this([], 0)
    {
    }

    /// <summary>A list of items.</summary>
    /// <param name="items">The items in order, none of them absent.</param>
    /// <exception cref="DocumentException">An item is absent (<see cref="DocumentError.NullValue"/>), or nesting passes <see cref="DocumentLimits.DepthCeiling"/>.</exception>
    public ListValue(IEnumerable<Value> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        _items = [.. items];
        Count = _items.Length;
        foreach (var item in _items)
            ValueRules.ThrowUnlessItem(item);
    }

    internal ListValue(Value[] items, int count)
    {
        _items = items;
        Count = count;
    }

    /// <summary>How many items there are.</summary>
    public int Count { get; private set; }

    /// <summary>The item at an index.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public Value this[int index] => _items.AsSpan(0, Count)[index];

    /// <summary>The item at an index, if there is one.</summary>
    /// <param name="index">Any integer.</param>
    /// <param name="value">The item, or absent.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(int index, out Value value)
    {
        var found = (uint)index < (uint)Count;
        value = found ? _items[index] : default;
        return found;
    }

    /// <summary>The items in order.</summary>
    /// <returns>An enumerator that allocates nothing.</returns>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<Value> IEnumerable<Value>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Walks a list's items in order.</summary>
    public struct Enumerator : IEnumerator<Value>
    {
        private readonly ListValue _list;
        private int _index;

        internal Enumerator(ListValue list)
        {
            _list = list;
            _index = -1;
        }

        /// <inheritdoc/>
        public readonly Value Current => _list._items[_index];

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext() => ++_index < _list.Count;

        /// <inheritdoc/>
        public void Reset() => _index = -1;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
