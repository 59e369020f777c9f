namespace Savepoint.Documents;

/// <summary>What a <see cref="Value"/> is. A value never changes its kind by being stored or sent.</summary>
public enum ValueKind : byte
{
    /// <summary>Absent: <c>default(Value)</c>. Never stored.</summary>
    None = 0,

    /// <summary>A signed 64-bit integer.</summary>
    Int64 = 1,

    /// <summary>A finite double; −0.0 is stored as 0.0.</summary>
    Double = 2,

    /// <summary>True or false.</summary>
    Boolean = 3,

    /// <summary>Valid Unicode without NUL.</summary>
    String = 4,

    /// <summary>A moment in UTC, exact to 100 ns.</summary>
    Timestamp = 5,

    /// <summary>Raw bytes.</summary>
    Bytes = 6,

    /// <summary>An ordered list of values.</summary>
    List = 7,

    /// <summary>Values by key, in ordinal order of the keys.</summary>
    Map = 8,
}

/// <summary>Stands in a scalar value's reference field and says what its bits mean.</summary>
internal sealed class KindTag(ValueKind kind)
{
    public static readonly KindTag Int64 = new(ValueKind.Int64);
    public static readonly KindTag Double = new(ValueKind.Double);
    public static readonly KindTag Boolean = new(ValueKind.Boolean);
    public static readonly KindTag Timestamp = new(ValueKind.Timestamp);

    public readonly ValueKind Kind = kind;
}
