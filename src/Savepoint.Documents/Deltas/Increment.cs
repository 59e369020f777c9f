namespace Savepoint.Documents;

/// <summary>What an increment adds and the bounds that the sum has to keep: all integers, or all doubles.</summary>
internal readonly struct Increment
{
    private const byte DoubleFlag = 1;
    private const byte MinFlag = 2;
    private const byte MaxFlag = 4;
    private const byte AllFlags = DoubleFlag | MinFlag | MaxFlag;

    public Value Amount { get; init; }

    public Value Min { get; init; }

    public Value Max { get; init; }

    public int EncodedSize => 1 + Payload(Amount) + Payload(Min) + Payload(Max);

    public bool HasOrderedBounds => Min.IsNone || Max.IsNone || Compare(Min, Max) <= 0;

    public static DocumentError TryRead(scoped ref ByteReader reader, out Increment increment)
    {
        increment = default;
        if (!reader.TryReadByte(out var flags) || flags > AllFlags)
            return DocumentError.Malformed;
        var tag = (flags & DoubleFlag) != 0 ? ValueTag.Double : ValueTag.Int64;
        Value min = default, max = default;
        var error = ScalarDecoder.Read(ref reader, tag, out var amount);
        if (error == DocumentError.None && (flags & MinFlag) != 0)
            error = ScalarDecoder.Read(ref reader, tag, out min);
        if (error == DocumentError.None && (flags & MaxFlag) != 0)
            error = ScalarDecoder.Read(ref reader, tag, out max);
        increment = new Increment { Amount = amount, Min = min, Max = max };
        return error != DocumentError.None || increment.HasOrderedBounds ? error : DocumentError.Malformed;
    }

    public void Write(ref ByteWriter writer)
    {
        var flags = (Amount.Kind == ValueKind.Double ? DoubleFlag : 0) | (Min.IsNone ? 0 : MinFlag) | (Max.IsNone ? 0 : MaxFlag);
        writer.WriteByte((byte)flags);
        WritePayload(ref writer, Amount);
        WritePayload(ref writer, Min);
        WritePayload(ref writer, Max);
    }

    /// <summary>The sum of a present value and the amount.</summary>
    /// <param name="present">The value that is there; absent counts as 0.</param>
    /// <param name="sum">The sum.</param>
    /// <returns>Why it can't be.</returns>
    public DocumentError AddTo(Value present, out Value sum)
    {
        sum = default;
        if (!present.IsNone && present.Kind != Amount.Kind)
            return DocumentError.WrongType;
        var error = Amount.Kind == ValueKind.Int64 ? AddIntegers(present, out sum) : AddDoubles(present, out sum);
        if (error != DocumentError.None)
            return error;
        var inside = (Min.IsNone || Compare(sum, Min) >= 0) && (Max.IsNone || Compare(sum, Max) <= 0);
        return inside ? DocumentError.None : DocumentError.OutOfBounds;
    }

    private DocumentError AddIntegers(Value present, out Value sum)
    {
        var amount = Amount.Bits;
        var result = unchecked(present.Bits + amount);
        sum = Value.From(result);
        var overflowed = ((present.Bits ^ result) & (amount ^ result)) < 0;
        return overflowed ? DocumentError.Overflow : DocumentError.None;
    }

    private DocumentError AddDoubles(Value present, out Value sum)
    {
        _ = present.TryGetDouble(out var start);
        var result = start + Amount.AsDouble();
        var finite = double.IsFinite(result);
        sum = finite ? Value.From(result) : default;
        return finite ? DocumentError.None : DocumentError.Overflow;
    }

    private static int Compare(Value left, Value right) => left.TryGetInt64(out var integer)
        ? integer.CompareTo(right.AsInt64())
        : left.AsDouble().CompareTo(right.AsDouble());

    private static int Payload(Value number) => number.IsNone ? 0 : number.EncodedSize - 1;

    private static void WritePayload(ref ByteWriter writer, Value number)
    {
        if (number.TryGetInt64(out var integer))
            writer.WriteZigZag(integer);
        else if (number.TryGetDouble(out var real))
            writer.WriteDouble(real);
    }
}
