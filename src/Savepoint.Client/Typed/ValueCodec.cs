namespace Savepoint.Client;

/// <summary>Turns a type that properties and items may have into values and back. Null is absence.</summary>
internal sealed class ValueCodec<T>(Func<T, Value> toValue, Func<Value, T> fromValue)
{
    private static readonly ValueCodec<T>? Known = ValueCodecs.Find<T>();

    /// <exception cref="NotSupportedException">No property or item can be of this type.</exception>
    public static ValueCodec<T> Instance => Known ?? throw new NotSupportedException($"{typeof(T)} can't be kept in a document.");

    public static T Read(Value value, T fallback) => value.IsNone ? fallback : Instance.FromValue(value);

    public Value ToValue(T value) => toValue(value);

    public T FromValue(Value value) => fromValue(value);
}

/// <summary>The types that there are. No reflection: what is not listed can't be kept.</summary>
internal static class ValueCodecs
{
    private static readonly object[] All =
    [
        new ValueCodec<long>(static value => value, static value => value.AsInt64()),
        new ValueCodec<int>(static value => value, static value => ToInt32(value.AsInt64())),
        new ValueCodec<double>(static value => value, static value => value.AsDouble()),
        new ValueCodec<bool>(static value => value, static value => value.AsBoolean()),
        new ValueCodec<string>(static value => value is null ? default(Value) : value, static value => value.AsString()),
        new ValueCodec<DateTimeOffset>(static value => value, static value => value.AsTimestamp()),
        new ValueCodec<ReadOnlyMemory<byte>>(static value => value, static value => value.AsBytes()),
        new ValueCodec<long?>(static value => value ?? default(Value), static value => value.AsInt64()),
        new ValueCodec<int?>(static value => value ?? default(Value), static value => ToInt32(value.AsInt64())),
        new ValueCodec<double?>(static value => value ?? default(Value), static value => value.AsDouble()),
        new ValueCodec<bool?>(static value => value ?? default(Value), static value => value.AsBoolean()),
        new ValueCodec<DateTimeOffset?>(static value => value ?? default(Value), static value => value.AsTimestamp()),
        new ValueCodec<ReadOnlyMemory<byte>?>(static value => value ?? default(Value), static value => value.AsBytes()),
        new ValueCodec<Value>(static value => value, static value => value.DeepClone()),
    ];

    public static ValueCodec<T>? Find<T>() => Array.Find(All, static codec => codec is ValueCodec<T>) as ValueCodec<T>;

    private static int ToInt32(long number) =>
        number is >= int.MinValue and <= int.MaxValue ? (int)number : throw new DocumentException(DocumentError.Overflow);
}
