using System.Text;

namespace Savepoint.Documents;

public sealed partial class MapValue
{
    /// <summary>A map of entries in any order; takes the arrays over.</summary>
    internal static MapValue FromUnsorted(string[] keys, Value[] values)
    {
        Array.Sort(keys, values, StringComparer.Ordinal);
        for (var i = 1; i < keys.Length; i++)
        {
            if (string.Equals(keys[i - 1], keys[i], StringComparison.Ordinal))
                throw new DocumentException(DocumentError.DuplicateKey, Path.Root.Child(keys[i]));
        }
        return new MapValue(keys, values, keys.Length);
    }

    /// <summary>Bytes that a key takes in the encoding.</summary>
    internal static int KeySize(string key)
    {
        var length = Encoding.UTF8.GetByteCount(key);
        return Varint.Size(length) + length;
    }

    /// <summary>Bytes that the count and the entries take in the encoding.</summary>
    internal int ContentSize()
    {
        var size = Varint.Size(Count);
        for (var i = 0; i < Count; i++)
            size += KeySize(_keys[i]) + _values[i].EncodedSize;
        return size;
    }

    internal bool ContentEquals(MapValue other)
    {
        if (Count != other.Count)
            return false;
        for (var i = 0; i < Count; i++)
        {
            if (!string.Equals(_keys[i], other._keys[i], StringComparison.Ordinal) || !_values[i].Equals(other._values[i]))
                return false;
        }
        return true;
    }

    internal MapValue DeepClone()
    {
        var values = _values.AsSpan(0, Count).ToArray();
        foreach (ref var value in values.AsSpan())
            value = value.DeepClone();
        _sharesKeys = true;
        return new MapValue(_keys, values, Count, sharesKeys: true);
    }

    internal void SetAt(int index, Value value) => _values[index] = value;

    internal void InsertAt(int index, string key, Value value)
    {
        OwnKeys();
        if (Count == _values.Length)
            Grow();
        Array.Copy(_keys, index, _keys, index + 1, Count - index);
        Array.Copy(_values, index, _values, index + 1, Count - index);
        _keys[index] = key;
        _values[index] = value;
        Count++;
    }

    internal void RemoveAt(int index)
    {
        OwnKeys();
        Count--;
        Array.Copy(_keys, index + 1, _keys, index, Count - index);
        Array.Copy(_values, index + 1, _values, index, Count - index);
        _keys[Count] = null!;
        _values[Count] = default;
    }

    /// <summary>Empties this map and gives its content away.</summary>
    internal MapValue TakeContent()
    {
        var taken = new MapValue(_keys, _values, Count, _sharesKeys);
        (_keys, _values, _sharesKeys, Count) = ([], [], false, 0);
        return taken;
    }

    internal void PutContentBack(MapValue taken) =>
        (_keys, _values, _sharesKeys, Count) = (taken._keys, taken._values, taken._sharesKeys, taken.Count);

    private void OwnKeys()
    {
        if (!_sharesKeys)
            return;
        var keys = new string[_values.Length];
        Array.Copy(_keys, keys, Count);
        _keys = keys;
        _sharesKeys = false;
    }

    // Steps of a half keep a million documents close to their size.
    private void Grow()
    {
        var capacity = Math.Max(4, Count + (Count >> 1));
        Array.Resize(ref _keys, capacity);
        Array.Resize(ref _values, capacity);
    }
}
