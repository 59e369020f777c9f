namespace Savepoint.Documents;

public sealed partial class ListValue
{
    /// <summary>Bytes that the count and the items take in the encoding.</summary>
    internal int ContentSize()
    {
        var size = Varint.Size(Count);
        for (var i = 0; i < Count; i++)
            size += _items[i].EncodedSize;
        return size;
    }

    internal bool ContentEquals(ListValue other)
    {
        if (Count != other.Count)
            return false;
        for (var i = 0; i < Count; i++)
        {
            if (!_items[i].Equals(other._items[i]))
                return false;
        }
        return true;
    }

    internal ListValue DeepClone()
    {
        var items = _items.AsSpan(0, Count).ToArray();
        foreach (ref var item in items.AsSpan())
            item = item.DeepClone();
        return new ListValue(items, Count);
    }

    internal void SetAt(int index, Value value) => _items[index] = value;

    internal void InsertAt(int index, Value value)
    {
        if (Count == _items.Length)
            Array.Resize(ref _items, Math.Max(4, Count + (Count >> 1)));
        Array.Copy(_items, index, _items, index + 1, Count - index);
        _items[index] = value;
        Count++;
    }

    internal void RemoveAt(int index)
    {
        Count--;
        Array.Copy(_items, index + 1, _items, index, Count - index);
        _items[Count] = default;
    }

    /// <summary>Empties this list and gives its content away.</summary>
    internal ListValue TakeContent()
    {
        var taken = new ListValue(_items, Count);
        (_items, Count) = ([], 0);
        return taken;
    }

    internal void PutContentBack(ListValue taken) => (_items, Count) = (taken._items, taken.Count);
}
