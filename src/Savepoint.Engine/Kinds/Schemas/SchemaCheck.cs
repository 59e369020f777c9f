using Savepoint.Documents;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Engine.Kinds;

/// <summary>
/// Holds documents against a schema. Of a change, only what it put in is looked at: the value at each operation's path with all that is below it, and the
/// maps and lists on the way. What takes something out is always allowed, also where the rest was stored before the rule.
/// </summary>
internal static class SchemaCheck
{
    /// <summary>Looks at a whole document.</summary>
    /// <returns>The first fault; null when it fits.</returns>
    public static SchemaFault? Whole(KindSchema schema, Document document) => Deep(schema.Root, document.Root, Path.Root);

    /// <summary>Looks at what a delta has changed, after it was applied.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="document">The document, as it is now.</param>
    /// <param name="overlay">Top-level properties that take the place of the document's; null for none.</param>
    /// <param name="delta">The delta, which is valid.</param>
    /// <returns>The first fault; null when it fits.</returns>
    public static SchemaFault? Touched(KindSchema schema, Document document, Document? overlay, ReadOnlySpan<byte> delta)
    {
        var reader = new DeltaReader(delta);
        var isOnly = reader.OperationCount == 1;
        foreach (var operation in reader)
        {
            // What goes leaves nothing that could be at fault, but what was there before.
            if (operation.Kind is OperationKind.Remove or OperationKind.Clear)
                continue;
            if (At(schema.Root, document.Root, overlay?.Root, operation.Path, isOnly) is { } fault)
                return fault;
        }

        return null;
    }

    private static SchemaFault? At(SchemaNode node, MapValue root, MapValue? overlay, EncodedPath path, bool isOnly)
    {
        Value value = root;
        var walked = Path.Root;
        foreach (var encoded in path)
        {
            if (Shallow(node, value, walked) is { } fault)
                return fault;
            var segment = encoded.ToSegment();

            // Items move when others are put in before them: only the operation of a delta that has no other can tell which one it was about.
            if (segment.IsIndex && !isOnly)
                break;
            var (next, below) = segment.Key is { } key
                ? (node.Find(key), Below(walked.IsRoot && overlay?.ContainsKey(key) == true ? overlay : value, key))
                : (node.Each, value.TryGetList(out var list) && list.TryGet(segment.Index, out var item) ? item : default);
            walked = segment.Key is { } name ? walked.Child(name) : walked.Child(segment.Index);
            if (below.IsNone)
                return null;
            if (next is null)
                return node.IsStrict && segment.Key is not null && !IsReserved(walked) ? new SchemaFault(DocumentError.UnknownProperty, walked.ToString()) : null;
            (node, value) = (next, below);
        }

        return Deep(node, value, walked);
    }

    private static Value Below(Value value, string key) => value.TryGetMap(out var map) && map.TryGet(key, out var below) ? below : default;

    private static SchemaFault? Deep(SchemaNode node, Value value, Path path)
    {
        if (Shallow(node, value, path) is { } fault)
            return fault;
        if (value.TryGetMap(out var map))
            return DeepMap(node, map, path);
        return node.Each is { } each && value.TryGetList(out var list) ? DeepList(each, list, path) : null;
    }

    private static SchemaFault? DeepMap(SchemaNode node, MapValue map, Path path)
    {
        if (node is { Children: null, Each: null, IsStrict: false })
            return null;
        foreach (var (key, value) in map)
        {
            var child = node.Find(key);
            if (child is null && !node.IsStrict)
                continue;
            var at = path.Child(key);
            if (child is null && !IsReserved(at))
                return new SchemaFault(DocumentError.UnknownProperty, at.ToString());
            if (child is not null && Deep(child, value, at) is { } fault)
                return fault;
        }

        return null;
    }

    private static SchemaFault? DeepList(SchemaNode each, ListValue list, Path path)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (Deep(each, list[i], path.Child(i)) is { } fault)
                return fault;
        }

        return null;
    }

    private static SchemaFault? Shallow(SchemaNode node, Value value, Path path)
    {
        var error = node.Kind != ValueKind.None && node.Kind != value.Kind ? DocumentError.WrongType
            : node.MaxLength >= 0 && LengthOf(value) > node.MaxLength ? DocumentError.TooManyItems
            : IsBelow(value, node.Min) || IsBelow(node.Max, value) ? DocumentError.OutOfBounds
            : DocumentError.None;
        return error == DocumentError.None ? null : new SchemaFault(error, path.ToString());
    }

    private static int LengthOf(Value value)
    {
        if (value.TryGetList(out var list))
            return list.Count;
        if (value.TryGetMap(out var map))
            return map.Count;
        if (value.TryGetString(out var text))
            return text.Length;
        return value.TryGetBytes(out var bytes) ? bytes.Length : 0;
    }

    /// <summary>Whether a number is less than another; not where one of them is absent. The bounds of a number are of its kind.</summary>
    private static bool IsBelow(Value one, Value other) => one.TryGetInt64(out var integer)
        ? other.TryGetInt64(out var otherInteger) && integer < otherInteger
        : one.TryGetDouble(out var number) && other.TryGetDouble(out var otherNumber) && number < otherNumber;

    private static bool IsReserved(Path path) => path.Count == 1 && ReservedKeys.Is(path.Segments[0].Key!);
}
