namespace Savepoint.Documents;

/// <summary>One operation of a delta, as a view of its bytes.</summary>
public readonly ref struct Operation
{
    private readonly ReadOnlySpan<byte> _value;
    private readonly Increment _increment;

    internal Operation(OperationKind kind, EncodedPath path, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> value, Increment increment)
    {
        Kind = kind;
        Path = path;
        Bytes = bytes;
        _value = value;
        _increment = increment;
    }

    /// <summary>What it does.</summary>
    public OperationKind Kind { get; }

    /// <summary>Where it does it.</summary>
    public EncodedPath Path { get; }

    /// <summary>The whole operation in the delta's encoding; <see cref="DeltaWriter.Append(Operation)"/> copies it to another delta.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The new value's encoding, for a set or insert; else empty.</summary>
    public ReadOnlySpan<byte> ValueBytes => _value;

    /// <summary>What an increment adds, an integer or a double; absent for other kinds.</summary>
    public Value Amount => _increment.Amount;

    /// <summary>The least value that an increment may lead to; absent if there is no such bound.</summary>
    public Value Min => _increment.Min;

    /// <summary>The greatest value that an increment may lead to; absent if there is no such bound.</summary>
    public Value Max => _increment.Max;

    /// <summary>Makes the new value, for a set or insert.</summary>
    /// <returns>The value; absent for other kinds.</returns>
    public Value GetValue()
    {
        if (_value.IsEmpty)
            return default;
        var reader = new ByteReader(_value);
        DocumentException.ThrowIfRefused(ValueDecoder.Read(ref reader, 1, OperationReader.ReadLimits, out var value));
        return value;
    }
}
