namespace Savepoint.Documents;

/// <summary>Reads values from the canonical binary format; refuses everything that has another, shorter or no valid form.</summary>
internal static class ValueDecoder
{
    // What a count may allocate ahead of the bytes that prove it.
    private const int AheadOfProof = 64;

    // The level is what a list or map here would have; the root map has 1.
    public static DocumentError Read(scoped ref ByteReader reader, int level, DocumentLimits limits, out Value value)
    {
        value = default;
        if (!reader.TryReadByte(out var tag))
            return DocumentError.Malformed;
        DocumentError error;
        switch (tag)
        {
            case ValueTag.List:
                error = ReadList(ref reader, level, limits, out var list);
                if (error == DocumentError.None)
                    value = Value.FromList(list);
                return error;
            case ValueTag.Map:
                error = ReadMap(ref reader, level, limits, out var map);
                if (error == DocumentError.None)
                    value = Value.FromMap(map);
                return error;
            default:
                return ScalarDecoder.Read(ref reader, tag, out value);
        }
    }

    public static DocumentError ReadMap(scoped ref ByteReader reader, int level, DocumentLimits limits, out MapValue map)
    {
        map = null!;
        var error = ContainerRules.ReadMapCount(ref reader, level, limits, out var count);
        if (error != DocumentError.None)
            return error;

        Span<char> buffer = stackalloc char[limits.MaxKeyLength];
        var keys = count == 0 ? [] : new string[Math.Min(count, AheadOfProof)];
        var values = count == 0 ? [] : new Value[keys.Length];
        var shares = count is > 0 and <= KeySetTable.MaxSharedCount;
        var setHash = 0u;
        for (var i = 0; i < count; i++)
        {
            if (i == keys.Length)
                GrowTowards(count, ref keys, ref values);
            error = ContainerRules.ReadKey(ref reader, limits, out var utf8, out var units);
            if (error != DocumentError.None)
                return error;
            var key = buffer[..units];
            Unicode.DecodeValid(utf8, key);
            if (i > 0 && keys[i - 1].AsSpan().SequenceCompareTo(key) >= 0)
                return DocumentError.Malformed;
            keys[i] = KeyTable.Share(key, out var hash);
            setHash = (setHash * 31) + hash;
            shares &= key.Length <= KeyTable.MaxSharedLength;
            error = Read(ref reader, level + 1, limits, out values[i]);
            if (error != DocumentError.None)
                return error;
        }
        map = new MapValue(shares ? KeySetTable.Share(keys, setHash) : keys, values, count, shares);
        return DocumentError.None;
    }

    private static DocumentError ReadList(scoped ref ByteReader reader, int level, DocumentLimits limits, out ListValue list)
    {
        list = null!;
        var error = ContainerRules.ReadListCount(ref reader, level, limits, out var count);
        if (error != DocumentError.None)
            return error;

        var items = count == 0 ? [] : new Value[Math.Min(count, AheadOfProof)];
        for (var i = 0; i < count; i++)
        {
            if (i == items.Length)
                Array.Resize(ref items, Math.Min(count, items.Length * 2));
            error = Read(ref reader, level + 1, limits, out items[i]);
            if (error != DocumentError.None)
                return error;
        }
        list = new ListValue(items, count);
        return DocumentError.None;
    }

    private static void GrowTowards(int count, ref string[] keys, ref Value[] values)
    {
        var capacity = Math.Min(count, keys.Length * 2);
        Array.Resize(ref keys, capacity);
        Array.Resize(ref values, capacity);
    }
}
