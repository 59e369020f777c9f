using System.Diagnostics;

namespace Savepoint.Documents;

/// <summary>
/// One typed value of a document, in 16 bytes. <c>default(Value)</c> is absent (<see cref="ValueKind.None"/>).
/// Scalars, strings and bytes are immutable; a list or map that stands in a document shows the document's present state.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public readonly partial struct Value : IEquatable<Value>
{
    // A KindTag, string, byte[], ListValue, MapValue, or null for None.
    private readonly object? _reference;

    // The scalar's bits; for a string its length in UTF-8.
    private readonly long _bits;

    private Value(object? reference, long bits = 0)
    {
        _reference = reference;
        _bits = bits;
    }

    /// <summary>What this value is.</summary>
    public ValueKind Kind => _reference switch
    {
        null => ValueKind.None,
        KindTag tag => tag.Kind,
        string => ValueKind.String,
        MapValue => ValueKind.Map,
        ListValue => ValueKind.List,
        _ => ValueKind.Bytes,
    };

    /// <summary>Whether there is no value.</summary>
    public bool IsNone => _reference is null;

    /// <summary>Whether this is neither a list nor a map nor absent.</summary>
    public bool IsScalar => _reference is not (null or MapValue or ListValue);

    /// <summary>Bytes that this value takes in the canonical encoding, its tag included; 0 when absent. Walks lists and maps.</summary>
    public int EncodedSize => _reference switch
    {
        null => 0,
        string => 1 + Varint.Size((ulong)_bits) + (int)_bits,
        KindTag tag => 1 + ScalarSize(tag),
        MapValue map => 1 + map.ContentSize(),
        ListValue list => 1 + list.ContentSize(),
        _ => 1 + Varint.Size(RawBytes.Length) + RawBytes.Length,
    };

    internal long Bits => _bits;

    internal object? Reference => _reference;

    internal byte[] RawBytes => (byte[])_reference!;

    /// <summary>A copy that shares nothing that can change: lists and maps are copied, strings and bytes shared.</summary>
    /// <returns>The copy.</returns>
    public Value DeepClone() => _reference switch
    {
        MapValue map => new Value(map.DeepClone()),
        ListValue list => new Value(list.DeepClone()),
        _ => this,
    };

    /// <summary>Whether both are of the same kind and equal, through all levels. The integer 1 and the double 1.0 are different.</summary>
    /// <param name="other">The other value.</param>
    /// <returns>True when equal.</returns>
    public bool Equals(Value other)
    {
        if (_bits != other._bits)
            return false;
        if (ReferenceEquals(_reference, other._reference))
            return true;
        return (_reference, other._reference) switch
        {
            (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
            (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
            (MapValue a, MapValue b) => a.ContentEquals(b),
            (ListValue a, ListValue b) => a.ContentEquals(b),
            _ => false,
        };
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    /// <summary>A hash that is the same in every process. For lists and maps it covers the number of items only.</summary>
    /// <returns>The hash.</returns>
    public override int GetHashCode()
    {
        var content = _reference switch
        {
            string text => StableHash.Of(text),
            byte[] bytes => StableHash.Of(bytes),
            MapValue map => (uint)map.Count,
            ListValue list => (uint)list.Count,
            _ => (uint)(_bits ^ (_bits >> 32)),
        };
        return (int)((content * 31) + (uint)Kind);
    }

    /// <summary>The value as text for people and logs; lists and maps by their number of items only.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _reference switch
    {
        null => "(none)",
        string text => text,
        byte[] bytes => $"{bytes.Length} bytes",
        MapValue map => $"map of {map.Count}",
        ListValue list => $"list of {list.Count}",
        _ => ScalarText(),
    };

    /// <summary>Whether both are equal; see <see cref="Equals(Value)"/>.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when equal.</returns>
    public static bool operator ==(Value left, Value right) => left.Equals(right);

    /// <summary>Whether both differ; see <see cref="Equals(Value)"/>.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when different.</returns>
    public static bool operator !=(Value left, Value right) => !left.Equals(right);

    private int ScalarSize(KindTag tag) => tag.Kind switch
    {
        ValueKind.Double => sizeof(double),
        ValueKind.Boolean => 0,
        _ => Varint.ZigZagSize(_bits),
    };

    private string ScalarText() => Kind switch
    {
        ValueKind.Double => AsDouble().ToString("R"),
        ValueKind.Boolean => AsBoolean() ? "true" : "false",
        ValueKind.Timestamp => TimestampText.Format(AsTimestamp()),
        _ => _bits.ToString(),
    };
}
