namespace Savepoint.Documents;

public readonly partial struct Value
{
    internal static readonly long UnixEpochTicks = DateTimeOffset.UnixEpoch.UtcTicks;
    internal static readonly long MinTimestampTicks = -UnixEpochTicks;
    internal static readonly long MaxTimestampTicks = DateTimeOffset.MaxValue.UtcTicks - UnixEpochTicks;

    /// <summary>An integer.</summary>
    /// <param name="value">The integer.</param>
    /// <returns>The value.</returns>
    public static Value From(long value) => new(KindTag.Int64, value);

    /// <summary>A double; −0.0 becomes 0.0.</summary>
    /// <param name="value">The double.</param>
    /// <returns>The value.</returns>
    /// <exception cref="DocumentException">NaN or infinite (<see cref="DocumentError.NotFinite"/>).</exception>
    public static Value From(double value) => double.IsFinite(value)
        ? new Value(KindTag.Double, BitConverter.DoubleToInt64Bits(value + 0.0))
        : throw new DocumentException(DocumentError.NotFinite);

    /// <summary>True or false.</summary>
    /// <param name="value">Which.</param>
    /// <returns>The value.</returns>
    public static Value From(bool value) => new(KindTag.Boolean, value ? 1 : 0);

    /// <summary>Text.</summary>
    /// <param name="value">The text.</param>
    /// <returns>The value.</returns>
    /// <exception cref="DocumentException">NUL or a lone surrogate in it (<see cref="DocumentError.InvalidString"/>).</exception>
    public static Value From(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var length = Unicode.Utf8Length(value);
        return length >= 0 ? new Value(value, length) : throw new DocumentException(DocumentError.InvalidString);
    }

    /// <summary>A moment; kept in UTC, exact to 100 ns, its offset dropped.</summary>
    /// <param name="value">The moment.</param>
    /// <returns>The value.</returns>
    public static Value From(DateTimeOffset value) => FromTimestampTicks(value.UtcTicks - UnixEpochTicks);

    /// <summary>Bytes, copied.</summary>
    /// <param name="value">The bytes.</param>
    /// <returns>The value.</returns>
    public static Value From(ReadOnlyMemory<byte> value) => FromOwnedBytes(value.ToArray());

    /// <summary>A list; not copied.</summary>
    /// <param name="list">The list.</param>
    /// <returns>The value.</returns>
    public static Value FromList(ListValue list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return new Value(list);
    }

    /// <summary>A new list of values.</summary>
    /// <param name="items">The items in order, none of them absent.</param>
    /// <returns>The value.</returns>
    /// <exception cref="DocumentException">An item is absent (<see cref="DocumentError.NullValue"/>), or nesting passes <see cref="DocumentLimits.DepthCeiling"/>.</exception>
    public static Value FromList(IEnumerable<Value> items) => new(new ListValue(items));

    /// <summary>A new list of values.</summary>
    /// <param name="items">The items in order, none of them absent.</param>
    /// <returns>The value.</returns>
    /// <exception cref="DocumentException">An item is absent (<see cref="DocumentError.NullValue"/>), or nesting passes <see cref="DocumentLimits.DepthCeiling"/>.</exception>
    public static Value FromList(params Value[] items) => new(new ListValue(items));

    /// <summary>A map; not copied.</summary>
    /// <param name="map">The map.</param>
    /// <returns>The value.</returns>
    public static Value FromMap(MapValue map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new Value(map);
    }

    /// <summary>A new map, from entries in any order.</summary>
    /// <param name="entries">Keys and values; no key twice, no value absent.</param>
    /// <returns>The value.</returns>
    /// <exception cref="DocumentException">
    /// A key twice (<see cref="DocumentError.DuplicateKey"/>) or of invalid text (<see cref="DocumentError.InvalidString"/>), a value absent
    /// (<see cref="DocumentError.NullValue"/>), or nesting passes <see cref="DocumentLimits.DepthCeiling"/>.
    /// </exception>
    public static Value FromMap(IEnumerable<KeyValuePair<string, Value>> entries) => new(new MapBuilder(entries).Build());

    /// <summary>As <see cref="From(long)"/>.</summary>
    /// <param name="value">The integer.</param>
    public static implicit operator Value(long value) => From(value);

    /// <summary>As <see cref="From(double)"/>.</summary>
    /// <param name="value">The double.</param>
    public static implicit operator Value(double value) => From(value);

    /// <summary>As <see cref="From(bool)"/>.</summary>
    /// <param name="value">Which.</param>
    public static implicit operator Value(bool value) => From(value);

    /// <summary>As <see cref="From(string)"/>.</summary>
    /// <param name="value">The text.</param>
    public static implicit operator Value(string value) => From(value);

    /// <summary>As <see cref="From(DateTimeOffset)"/>.</summary>
    /// <param name="value">The moment.</param>
    public static implicit operator Value(DateTimeOffset value) => From(value);

    /// <summary>As <see cref="From(ReadOnlyMemory{byte})"/>.</summary>
    /// <param name="value">The bytes.</param>
    public static implicit operator Value(ReadOnlyMemory<byte> value) => From(value);

    /// <summary>As <see cref="FromList(ListValue)"/>.</summary>
    /// <param name="value">The list.</param>
    public static implicit operator Value(ListValue value) => FromList(value);

    /// <summary>As <see cref="FromMap(MapValue)"/>.</summary>
    /// <param name="value">The map.</param>
    public static implicit operator Value(MapValue value) => FromMap(value);

    internal static Value FromTimestampTicks(long ticksSinceUnixEpoch) => new(KindTag.Timestamp, ticksSinceUnixEpoch);

    internal static Value FromOwnedBytes(byte[] bytes) => new(bytes);

    /// <summary>For text that was found valid on the way in.</summary>
    internal static Value FromValidText(string text, int utf8Length) => new(text, utf8Length);
}
