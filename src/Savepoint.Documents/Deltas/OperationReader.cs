namespace Savepoint.Documents;

/// <summary>Reads operations without applying them.</summary>
internal static class OperationReader
{
    /// <summary>For bytes that were checked against their own limits: only what keeps reading safe.</summary>
    public static readonly DocumentLimits ReadLimits = DocumentLimits.Widest;

    // A kind and the number of segments.
    private const int MinOperationBytes = 2;

    public static DocumentError ReadHeader(scoped ref ByteReader reader, DocumentLimits limits, out int count)
    {
        count = 0;
        if (reader.Remaining > limits.MaxDeltaBytes)
            return DocumentError.TooLarge;
        var error = FormatByte.Read(ref reader);
        if (error != DocumentError.None)
            return error;
        if (!reader.TryReadCount(MinOperationBytes, out count))
            return DocumentError.Malformed;
        return count <= limits.MaxDeltaOperations ? DocumentError.None : DocumentError.TooManyItems;
    }

    /// <summary>Reads an operation's kind and the number of its path's segments.</summary>
    public static DocumentError ReadStart(scoped ref ByteReader reader, DocumentLimits limits, out OperationKind kind, out int segments)
    {
        segments = 0;
        if (!reader.TryReadByte(out var code))
        {
            kind = default;
            return DocumentError.Malformed;
        }
        kind = (OperationKind)code;
        if (code is < (byte)OperationKind.Set or > (byte)OperationKind.Clear || !reader.TryReadCount(1, out segments))
            return DocumentError.Malformed;
        if (segments == 0 && kind != OperationKind.Clear)
            return DocumentError.InvalidPath;
        return segments <= limits.MaxDepth ? DocumentError.None : DocumentError.TooDeep;
    }

    public static DocumentError Read(scoped ref ByteReader reader, DocumentLimits limits, out Operation operation)
    {
        operation = default;
        var start = reader.Position;
        var error = ReadStart(ref reader, limits, out var kind, out var count);
        if (error != DocumentError.None)
            return error;

        var pathStart = reader.Position;
        EncodedSegment last = default;
        for (var i = 0; i < count; i++)
        {
            error = PathEncoding.TryRead(ref reader, limits, out last);
            if (error != DocumentError.None)
                return error;
        }
        if (kind == OperationKind.Insert && !last.IsIndex)
            return DocumentError.InvalidPath;
        var path = new EncodedPath(reader.Since(pathStart), count);

        var valueStart = reader.Position;
        Increment increment = default;
        if (kind is OperationKind.Set or OperationKind.Insert)
            error = ValueSkipper.Skip(ref reader, count + 1, limits);
        var value = reader.Since(valueStart);
        if (kind == OperationKind.Increment)
            error = Increment.TryRead(ref reader, out increment);
        operation = new Operation(kind, path, reader.Since(start), value, increment);
        return error;
    }
}
