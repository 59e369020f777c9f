using FsCheck;
using FsCheck.Fluent;

namespace Savepoint.Documents.Tests;

/// <summary>Random values and documents, with the edges of each kind in them.</summary>
internal static class Samples
{
    private static readonly string[] KeyPool =
        ["a", "b", "c", "gold", "items", "name", "", "$timestamp", "$$x", "a.b", "q\"\\", "ключ", "漢", "\U0001F600", "\uE000", "\uFFFD", new string('k', 128)];

    private static readonly string[] Pieces = ["a", "Z", " ", "\t", "\n", "\u0001", "\u007F", "\u0080", "é", "漢", "\U0001F600", "\uFFFF", "\uE000", "\"", "\\", "<"];

    private static readonly long[] Integers =
        [0, 1, -1, 63, 64, -64, -65, 8191, 8192, int.MaxValue, 1L << 53, (1L << 53) + 1, long.MaxValue, long.MinValue, long.MaxValue - 1];

    private static readonly double[] Doubles =
        [0.0, -0.0, 1, -1, 0.1, 1e15, 1e16, 1e17, 123456789012345680, 5e-324, double.MaxValue, double.MinValue, Math.PI];

    public static Gen<string> Key { get; } = Gen.Frequency((9, Gen.Elements(KeyPool)), (1, Text(3)));

    public static Gen<Value> Scalar { get; } = Gen.OneOf(
        Gen.Elements(Integers).Select(Value.From),
        Gen.Choose(-100, 100).Select(n => Value.From((long)n)),
        Gen.Elements(Doubles).Select(Value.From),
        Gen.Choose(-1000, 1000).Select(n => Value.From(n / 8.0)),
        Gen.Elements(true, false).Select(Value.From),
        Text(12).Select(Value.From),
        Gen.Elements(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddTicks(-1), new(2026, 1, 31, 23, 59, 59, TimeSpan.FromHours(5)))
            .Select(Value.From),
        Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf().Select(bytes => Value.From(bytes)));

    public static Gen<MapValue> Map(int depth) =>
        from count in Gen.Frequency((8, Gen.Choose(0, 5)), (1, Gen.Constant(9)))
        from keys in Key.ArrayOf(count)
        from values in Any(depth - 1).ArrayOf(count)
        select Build(keys, values);

    public static Gen<Value> Any(int depth)
    {
        if (depth <= 0)
            return Scalar;
        return Gen.Frequency(
            (5, Scalar),
            (2, Gen.Constant(depth).SelectMany(d => Map(d)).Select(Value.FromMap)),
            (2, Gen.Constant(depth).SelectMany(d => List(d))));
    }

    public static Gen<Document> Document { get; } =
        from depth in Gen.Choose(1, 4)
        from map in Map(depth)
        select new Document(map);

    /// <summary>Documents with one root key less.</summary>
    public static IEnumerable<Document> Smaller(Document document) =>
        from entry in document.Root
        let rest = document.Root.Where(other => !ReferenceEquals(other.Key, entry.Key))
        select new Document(new MapBuilder(rest).Build());

    private static Gen<string> Text(int pieces) =>
        from count in Gen.Choose(0, pieces)
        from parts in Gen.Elements(Pieces).ArrayOf(count)
        select string.Concat(parts);

    private static Gen<Value> List(int depth) =>
        from count in Gen.Choose(0, 4)
        from items in Any(depth - 1).ArrayOf(count)
        select Value.FromList(items);

    private static MapValue Build(string[] keys, Value[] values)
    {
        var map = new MapBuilder();
        for (var i = 0; i < keys.Length; i++)
            map[keys[i]] = values[i];
        return map.Build();
    }
}
