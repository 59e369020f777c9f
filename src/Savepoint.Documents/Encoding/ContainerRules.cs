namespace Savepoint.Documents;

/// <summary>The parts of lists and maps that reading and skipping share.</summary>
internal static class ContainerRules
{
    // A key takes at least its length, a value at least its tag.
    private const int MinEntryBytes = 2;
    private const int MinItemBytes = 1;

    public static DocumentError ReadMapCount(scoped ref ByteReader reader, int level, DocumentLimits limits, out int count)
    {
        count = 0;
        if (level > limits.MaxDepth)
            return DocumentError.TooDeep;
        if (!reader.TryReadCount(MinEntryBytes, out count))
            return DocumentError.Malformed;
        return count <= limits.MaxMapLength ? DocumentError.None : DocumentError.TooManyItems;
    }

    public static DocumentError ReadListCount(scoped ref ByteReader reader, int level, DocumentLimits limits, out int count)
    {
        count = 0;
        if (level > limits.MaxDepth)
            return DocumentError.TooDeep;
        if (!reader.TryReadCount(MinItemBytes, out count))
            return DocumentError.Malformed;
        return count <= limits.MaxListLength ? DocumentError.None : DocumentError.TooManyItems;
    }

    public static DocumentError ReadKey(scoped ref ByteReader reader, DocumentLimits limits, out ReadOnlySpan<byte> utf8, out int units)
    {
        units = 0;
        if (!reader.TryReadBlock(out utf8))
            return DocumentError.Malformed;
        units = Unicode.Utf16Length(utf8);
        if (units < 0)
            return DocumentError.InvalidString;
        return units <= limits.MaxKeyLength ? DocumentError.None : DocumentError.KeyTooLong;
    }
}
