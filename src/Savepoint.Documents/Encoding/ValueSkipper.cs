namespace Savepoint.Documents;

/// <summary>Passes over values without making them, refusing exactly what <see cref="ValueDecoder"/> refuses.</summary>
internal static class ValueSkipper
{
    public static DocumentError Skip(scoped ref ByteReader reader, int level, DocumentLimits limits)
    {
        if (!reader.TryReadByte(out var tag))
            return DocumentError.Malformed;
        return tag switch
        {
            ValueTag.List => SkipList(ref reader, level, limits),
            ValueTag.Map => SkipMap(ref reader, level, limits),
            _ => ScalarDecoder.Skip(ref reader, tag),
        };
    }

    private static DocumentError SkipList(scoped ref ByteReader reader, int level, DocumentLimits limits)
    {
        var error = ContainerRules.ReadListCount(ref reader, level, limits, out var count);
        for (var i = 0; i < count && error == DocumentError.None; i++)
            error = Skip(ref reader, level + 1, limits);
        return error;
    }

    private static DocumentError SkipMap(scoped ref ByteReader reader, int level, DocumentLimits limits)
    {
        var error = ContainerRules.ReadMapCount(ref reader, level, limits, out var count);
        if (error != DocumentError.None)
            return error;

        Span<char> previous = stackalloc char[limits.MaxKeyLength];
        Span<char> key = stackalloc char[limits.MaxKeyLength];
        var previousUnits = -1;
        for (var i = 0; i < count; i++)
        {
            error = ContainerRules.ReadKey(ref reader, limits, out var utf8, out var units);
            if (error != DocumentError.None)
                return error;
            Unicode.DecodeValid(utf8, key[..units]);
            if (previousUnits >= 0 && previous[..previousUnits].SequenceCompareTo(key[..units]) >= 0)
                return DocumentError.Malformed;
            error = Skip(ref reader, level + 1, limits);
            if (error != DocumentError.None)
                return error;
            var last = previous;
            previous = key;
            key = last;
            previousUnits = units;
        }
        return DocumentError.None;
    }
}
