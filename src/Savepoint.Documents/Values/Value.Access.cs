namespace Savepoint.Documents;

public readonly partial struct Value
{
    /// <summary>The integer.</summary>
    /// <returns>The integer.</returns>
    /// <exception cref="DocumentException">Of another kind (<see cref="DocumentError.WrongType"/>).</exception>
    public long AsInt64() => TryGetInt64(out var value) ? value : throw WrongType(ValueKind.Int64);

    /// <summary>The double.</summary>
    /// <returns>The double.</returns>
    /// <exception cref="DocumentException">Of another kind (<see cref="DocumentError.WrongType"/>).</exception>
    public double AsDouble() => TryGetDouble(out var value) ? value : throw WrongType(ValueKind.Double);

    /// <summary>True or false.</summary>
    /// <returns>Which.</returns>
    /// <exception cref="DocumentException">Of another kind (<see cref="DocumentError.WrongType"/>).</exception>
    public bool AsBoolean() => TryGetBoolean(out var value) ? value : throw WrongType(ValueKind.Boolean);

    /// <summary>The text.</summary>
    /// <returns>The text.</returns>
    /// <exception cref="DocumentException">Of another kind (<see cref="DocumentError.WrongType"/>).</exception>
    public string AsString() => _reference as string ?? throw WrongType(ValueKind.String);

    /// <summary>The moment, in UTC.</summary>
    /// <returns>The moment.</returns>
    /// <exception cref="DocumentException">Of another kind (<see cref="DocumentError.WrongType"/>).</exception>
    public DateTimeOffset AsTimestamp() => TryGetTimestamp(out var value) ? value : throw WrongType(ValueKind.Timestamp);

    /// <summary>The bytes.</summary>
    /// <returns>The bytes, not copied.</returns>
    /// <exception cref="DocumentException">Of another kind (<see cref="DocumentError.WrongType"/>).</exception>
    public ReadOnlyMemory<byte> AsBytes() => _reference as byte[] ?? throw WrongType(ValueKind.Bytes);

    /// <summary>The list.</summary>
    /// <returns>The list, not copied.</returns>
    /// <exception cref="DocumentException">Of another kind (<see cref="DocumentError.WrongType"/>).</exception>
    public ListValue AsList() => _reference as ListValue ?? throw WrongType(ValueKind.List);

    /// <summary>The map.</summary>
    /// <returns>The map, not copied.</returns>
    /// <exception cref="DocumentException">Of another kind (<see cref="DocumentError.WrongType"/>).</exception>
    public MapValue AsMap() => _reference as MapValue ?? throw WrongType(ValueKind.Map);

    /// <summary>The integer, if it is one.</summary>
    /// <param name="value">The integer, or 0.</param>
    /// <returns>Whether it is an integer.</returns>
    public bool TryGetInt64(out long value)
    {
        var matches = ReferenceEquals(_reference, KindTag.Int64);
        value = matches ? _bits : 0;
        return matches;
    }

    /// <summary>The double, if it is one.</summary>
    /// <param name="value">The double, or 0.</param>
    /// <returns>Whether it is a double.</returns>
    public bool TryGetDouble(out double value)
    {
        var matches = ReferenceEquals(_reference, KindTag.Double);
        value = matches ? BitConverter.Int64BitsToDouble(_bits) : 0;
        return matches;
    }

    /// <summary>True or false, if it is one of them.</summary>
    /// <param name="value">Which, or false.</param>
    /// <returns>Whether it is a boolean.</returns>
    public bool TryGetBoolean(out bool value)
    {
        var matches = ReferenceEquals(_reference, KindTag.Boolean);
        value = matches && _bits != 0;
        return matches;
    }

    /// <summary>The text, if it is text.</summary>
    /// <param name="value">The text, or null.</param>
    /// <returns>Whether it is text.</returns>
    public bool TryGetString([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value) => (value = _reference as string) is not null;

    /// <summary>The moment, if it is one.</summary>
    /// <param name="value">The moment in UTC, or the default.</param>
    /// <returns>Whether it is a moment.</returns>
    public bool TryGetTimestamp(out DateTimeOffset value)
    {
        var matches = ReferenceEquals(_reference, KindTag.Timestamp);
        value = matches ? new DateTimeOffset(_bits + UnixEpochTicks, TimeSpan.Zero) : default;
        return matches;
    }

    /// <summary>The bytes, if they are.</summary>
    /// <param name="value">The bytes, not copied, or none.</param>
    /// <returns>Whether it is bytes.</returns>
    public bool TryGetBytes(out ReadOnlyMemory<byte> value)
    {
        var bytes = _reference as byte[];
        value = bytes;
        return bytes is not null;
    }

    /// <summary>The list, if it is one.</summary>
    /// <param name="value">The list, not copied, or null.</param>
    /// <returns>Whether it is a list.</returns>
    public bool TryGetList([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ListValue? value) => (value = _reference as ListValue) is not null;

    /// <summary>The map, if it is one.</summary>
    /// <param name="value">The map, not copied, or null.</param>
    /// <returns>Whether it is a map.</returns>
    public bool TryGetMap([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MapValue? value) => (value = _reference as MapValue) is not null;

    private DocumentException WrongType(ValueKind wanted) =>
        new(DocumentError.WrongType, detail: $"the value is {Kind}, not {wanted}");
}
