namespace Savepoint.Documents;

/// <summary>What may stand in a map or list, and how deep.</summary>
internal static class ValueRules
{
    /// <summary>Refuses what is absent, and nesting that would make walking a value unsafe.</summary>
    public static void ThrowUnlessItem(Value value)
    {
        if (value.IsNone)
            throw new DocumentException(DocumentError.NullValue);
        if (Depth(value) >= DocumentLimits.DepthCeiling)
            throw new DocumentException(DocumentError.TooDeep);
    }

    /// <summary>Checks what the making of a value leaves open: nesting, key lengths and counts.</summary>
    public static DocumentError Check(Value value, int level, DocumentLimits limits) => value.Reference switch
    {
        MapValue map => CheckMap(map, level, limits),
        ListValue list => CheckList(list, level, limits),
        _ => DocumentError.None,
    };

    public static DocumentError CheckMap(MapValue map, int level, DocumentLimits limits)
    {
        if (level > limits.MaxDepth)
            return DocumentError.TooDeep;
        if (map.Count > limits.MaxMapLength)
            return DocumentError.TooManyItems;
        foreach (var (key, value) in map)
        {
            if (key.Length > limits.MaxKeyLength)
                return DocumentError.KeyTooLong;
            var error = Check(value, level + 1, limits);
            if (error != DocumentError.None)
                return error;
        }
        return DocumentError.None;
    }

    private static DocumentError CheckList(ListValue list, int level, DocumentLimits limits)
    {
        if (level > limits.MaxDepth)
            return DocumentError.TooDeep;
        if (list.Count > limits.MaxListLength)
            return DocumentError.TooManyItems;
        foreach (var value in list)
        {
            var error = Check(value, level + 1, limits);
            if (error != DocumentError.None)
                return error;
        }
        return DocumentError.None;
    }

    private static int Depth(Value value)
    {
        var deepest = 0;
        if (value.TryGetMap(out var map))
        {
            for (var i = 0; i < map.Count; i++)
                deepest = Math.Max(deepest, Depth(map.ValueAt(i)));
            return deepest + 1;
        }
        if (!value.TryGetList(out var list))
            return 0;
        for (var i = 0; i < list.Count; i++)
            deepest = Math.Max(deepest, Depth(list[i]));
        return deepest + 1;
    }
}
