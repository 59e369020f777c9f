namespace Savepoint.Documents;

/// <summary>
/// Builds deltas. Keep one and <see cref="Reset"/> it: it keeps its buffer. Not thread-safe. What it can see without a document is refused
/// at once; limits are for <see cref="Delta.Validate"/> and for applying.
/// </summary>
public sealed class DeltaWriter
{
    // The number of operations is known last, so the header is written backwards, right before the operations.
    private const int HeaderRoom = 1 + 5;

    private byte[] _buffer;
    private int _end = HeaderRoom;

    /// <summary>An empty delta.</summary>
    /// <param name="capacity">Bytes to make room for. The default is 256.</param>
    public DeltaWriter(int capacity = 256) => _buffer = new byte[HeaderRoom + Math.Max(0, capacity)];

    /// <summary>How many operations were written.</summary>
    public int OperationCount { get; private set; }

    /// <summary>Whether nothing was written.</summary>
    public bool IsEmpty => OperationCount == 0;

    /// <summary>The encoded delta; valid until the next write or reset.</summary>
    public ReadOnlySpan<byte> WrittenSpan => WrittenMemory.Span;

    /// <summary>The encoded delta; valid until the next write or reset.</summary>
    public ReadOnlyMemory<byte> WrittenMemory
    {
        get
        {
            var start = HeaderRoom - 1 - Varint.Size(OperationCount);
            var header = new ByteWriter(_buffer.AsSpan(start));
            header.WriteByte(FormatByte.V1);
            header.WriteVarint((ulong)OperationCount);
            return _buffer.AsMemory(start, _end - start);
        }
    }

    /// <summary>Puts a value at a map key or over a list item; makes missing maps on the way.</summary>
    /// <param name="path">Where; not the root.</param>
    /// <param name="value">The value; not absent.</param>
    /// <exception cref="DocumentException">The path is the root (<see cref="DocumentError.InvalidPath"/>) or the value absent (<see cref="DocumentError.NullValue"/>).</exception>
    public void Set(Path path, Value value)
    {
        ThrowIfRoot(path);
        WriteValue(OperationKind.Set, path, value);
    }

    /// <summary>Takes a map key or list item away; a missing map key is nothing to do.</summary>
    /// <param name="path">Where; not the root.</param>
    /// <exception cref="DocumentException">The path is the root (<see cref="DocumentError.InvalidPath"/>).</exception>
    public void Remove(Path path)
    {
        ThrowIfRoot(path);
        _ = Begin(OperationKind.Remove, path, 0);
    }

    /// <summary>Adds to an integer, from 0 if there is none; makes missing maps on the way. Applying refuses a sum outside the bounds.</summary>
    /// <param name="path">Where; not the root.</param>
    /// <param name="amount">What to add; may be negative.</param>
    /// <param name="min">The least sum, or null.</param>
    /// <param name="max">The greatest sum, or null; not less than <paramref name="min"/>.</param>
    /// <exception cref="DocumentException">The path is the root (<see cref="DocumentError.InvalidPath"/>).</exception>
    /// <exception cref="ArgumentException">The bounds cross.</exception>
    public void Increment(Path path, long amount, long? min = null, long? max = null) =>
        WriteIncrement(path, new Increment { Amount = amount, Min = OrNone(min), Max = OrNone(max) });

    /// <summary>Adds to a double, from 0.0 if there is none; makes missing maps on the way. Applying refuses a sum outside the bounds.</summary>
    /// <param name="path">Where; not the root.</param>
    /// <param name="amount">What to add; may be negative.</param>
    /// <param name="min">The least sum, or null.</param>
    /// <param name="max">The greatest sum, or null; not less than <paramref name="min"/>.</param>
    /// <exception cref="DocumentException">The path is the root (<see cref="DocumentError.InvalidPath"/>), or a number is not finite (<see cref="DocumentError.NotFinite"/>).</exception>
    /// <exception cref="ArgumentException">The bounds cross.</exception>
    public void Increment(Path path, double amount, double? min = null, double? max = null) =>
        WriteIncrement(path, new Increment { Amount = amount, Min = OrNone(min), Max = OrNone(max) });

    /// <summary>Puts a value into a list before an index, or at its end.</summary>
    /// <param name="path">The list's path and the index.</param>
    /// <param name="value">The value; not absent.</param>
    /// <exception cref="DocumentException">The path does not end in an index (<see cref="DocumentError.InvalidPath"/>), or the value is absent (<see cref="DocumentError.NullValue"/>).</exception>
    public void Insert(Path path, Value value)
    {
        ThrowIfRoot(path);
        if (!path.Segments[^1].IsIndex)
            throw new DocumentException(DocumentError.InvalidPath, path, "an insert ends in an index");
        WriteValue(OperationKind.Insert, path, value);
    }

    /// <summary>Empties a map or list; a missing one is nothing to do.</summary>
    /// <param name="path">Where; the root empties the document.</param>
    public void Clear(Path path)
    {
        ArgumentNullException.ThrowIfNull(path);
        _ = Begin(OperationKind.Clear, path, 0);
    }

    /// <summary>Copies an operation of another delta.</summary>
    /// <param name="operation">The operation.</param>
    public void Append(Operation operation)
    {
        operation.Bytes.CopyTo(Take(operation.Bytes.Length));
        OperationCount++;
    }

    /// <summary>Copies all operations of another delta behind those that are here.</summary>
    /// <param name="delta">A valid delta; only its header is read.</param>
    /// <exception cref="DocumentException">Not a delta, or of an unknown format.</exception>
    public void Append(ReadOnlySpan<byte> delta)
    {
        var reader = new ByteReader(delta);
        DocumentException.ThrowIfRefused(OperationReader.ReadHeader(ref reader, OperationReader.ReadLimits, out var count));
        var operations = delta[reader.Position..];
        operations.CopyTo(Take(operations.Length));
        OperationCount += count;
    }

    /// <summary>The encoded delta.</summary>
    /// <returns>New bytes.</returns>
    public byte[] ToArray() => WrittenSpan.ToArray();

    /// <summary>Starts an empty delta in the same buffer.</summary>
    public void Reset() => (_end, OperationCount) = (HeaderRoom, 0);

    private static Value OrNone(long? number) => number is { } value ? value : default(Value);

    private static Value OrNone(double? number) => number is { } value ? value : default(Value);

    private static void ThrowIfRoot(Path path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.IsRoot)
            throw new DocumentException(DocumentError.InvalidPath, path, "only a clear may have the root");
    }

    private void WriteIncrement(Path path, Increment increment)
    {
        ThrowIfRoot(path);
        if (!increment.HasOrderedBounds)
            throw new ArgumentException("The minimum is above the maximum.");
        var writer = Begin(OperationKind.Increment, path, increment.EncodedSize);
        increment.Write(ref writer);
    }

    private void WriteValue(OperationKind kind, Path path, Value value)
    {
        if (value.IsNone)
            throw new DocumentException(DocumentError.NullValue, path);
        var writer = Begin(kind, path, value.EncodedSize);
        ValueEncoder.Write(ref writer, value);
    }

    private ByteWriter Begin(OperationKind kind, Path path, int payloadBytes)
    {
        var segments = path.EncodedSegments;
        var writer = new ByteWriter(Take(1 + Varint.Size(path.Count) + segments.Length + payloadBytes));
        writer.WriteByte((byte)kind);
        writer.WriteVarint((ulong)path.Count);
        writer.WriteBytes(segments);
        OperationCount++;
        return writer;
    }

    private Span<byte> Take(int count)
    {
        var needed = checked(_end + count);
        if (needed > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(needed, _buffer.Length * 2));
        var taken = _buffer.AsSpan(_end, count);
        _end = needed;
        return taken;
    }
}
