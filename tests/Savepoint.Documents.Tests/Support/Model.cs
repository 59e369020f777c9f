namespace Savepoint.Documents.Tests;

/// <summary>What deltas mean, written down a second time in the plainest way: nested dictionaries and lists, no size, no undo.</summary>
internal sealed class Model(Document document)
{
    private readonly SortedDictionary<string, object> _root = (SortedDictionary<string, object>)Open(document.Root);

    public Document ToDocument() => new(Close(_root).AsMap());

    public static IEnumerable<Path> PathsOf(Document document) => PathsOf(document.Root, Path.Root);

    public DocumentError Apply(IEnumerable<TestOperation> operations)
    {
        foreach (var operation in operations)
        {
            var error = Apply(operation);
            if (error != DocumentError.None)
                return error;
        }
        return DocumentError.None;
    }

    private static IEnumerable<Path> PathsOf(Value value, Path path)
    {
        yield return path;
        if (value.TryGetMap(out var map))
        {
            foreach (var below in map.SelectMany(entry => PathsOf(entry.Value, path.Child(entry.Key))))
                yield return below;
        }
        if (value.TryGetList(out var list))
        {
            foreach (var below in list.SelectMany((item, index) => PathsOf(item, path.Child(index))))
                yield return below;
        }
    }

    private static object Open(Value value) => value.Kind switch
    {
        ValueKind.Map => new SortedDictionary<string, object>(value.AsMap().ToDictionary(e => e.Key, e => Open(e.Value)), StringComparer.Ordinal),
        ValueKind.List => value.AsList().Select(Open).ToList(),
        _ => value,
    };

    private static Value Close(object node) => node switch
    {
        SortedDictionary<string, object> map => Value.FromMap(map.Select(e => KeyValuePair.Create(e.Key, Close(e.Value)))),
        List<object> list => Value.FromList(list.Select(Close)),
        _ => (Value)node,
    };

    private DocumentError Apply(TestOperation operation)
    {
        if (operation.Path.Count > 16)
            return DocumentError.TooDeep;
        if (operation.Path.IsRoot)
        {
            _root.Clear();
            return DocumentError.None;
        }

        object node = _root;
        var segments = operation.Path.Segments;
        for (var i = 0; i < segments.Length - 1; i++)
        {
            var error = Look(node, segments[i], out var next);
            if (error == DocumentError.PathNotFound)
            {
                if (operation.Kind is OperationKind.Remove or OperationKind.Clear)
                    return DocumentError.None;
                if (operation.Kind == OperationKind.Insert || segments[i + 1].IsIndex)
                    return error;
                next = new SortedDictionary<string, object>(StringComparer.Ordinal);
                ((SortedDictionary<string, object>)node)[segments[i].Key!] = next;
            }
            else if (error != DocumentError.None)
            {
                return error;
            }
            node = next!;
        }
        return ApplyAt(node, segments[^1], operation);
    }

    private static DocumentError Look(object node, PathSegment segment, out object? found)
    {
        found = null;
        switch (node)
        {
            case SortedDictionary<string, object> map when !segment.IsIndex:
                return map.TryGetValue(segment.Key!, out found) ? DocumentError.None : DocumentError.PathNotFound;
            case List<object> list when segment.IsIndex:
                found = segment.Index < list.Count ? list[segment.Index] : null;
                return found is null ? DocumentError.IndexOutOfRange : DocumentError.None;
            default:
                return DocumentError.WrongType;
        }
    }

    private static DocumentError ApplyAt(object node, PathSegment last, TestOperation operation)
    {
        var error = Look(node, last, out var present);
        if (error == DocumentError.WrongType)
            return error;
        switch (operation.Kind)
        {
            case OperationKind.Set:
                return Put(node, last, Open(operation.Value));
            case OperationKind.Increment:
                var sum = Sum(present, operation, out var result);
                return sum == DocumentError.None ? Put(node, last, result) : sum;
            case OperationKind.Insert:
                var list = (List<object>)node;
                if (last.Index > list.Count)
                    return DocumentError.IndexOutOfRange;
                list.Insert(last.Index, Open(operation.Value));
                return DocumentError.None;
            case OperationKind.Remove:
                if (node is List<object> items && error == DocumentError.None)
                    items.RemoveAt(last.Index);
                else if (node is SortedDictionary<string, object> map)
                    map.Remove(last.Key!);
                return error == DocumentError.PathNotFound ? DocumentError.None : error;
            default:
                (present as SortedDictionary<string, object>)?.Clear();
                (present as List<object>)?.Clear();
                if (error != DocumentError.None)
                    return error == DocumentError.PathNotFound ? DocumentError.None : error;
                return present is Value ? DocumentError.WrongType : DocumentError.None;
        }
    }

    private static DocumentError Put(object node, PathSegment last, object value)
    {
        if (node is SortedDictionary<string, object> map)
        {
            map[last.Key!] = value;
            return DocumentError.None;
        }
        var list = (List<object>)node;
        if (last.Index >= list.Count)
            return DocumentError.IndexOutOfRange;
        list[last.Index] = value;
        return DocumentError.None;
    }

    private static DocumentError Sum(object? present, TestOperation operation, out object result)
    {
        result = default(Value);
        if (present is not null && (present is not Value number || number.Kind != operation.Value.Kind))
            return DocumentError.WrongType;
        if (operation.Value.TryGetInt64(out var amount))
        {
            var sum = (Int128)(present is Value old ? old.AsInt64() : 0) + amount;
            if (sum < long.MinValue || sum > long.MaxValue)
                return DocumentError.Overflow;
            result = Value.From((long)sum);
            return (!operation.Min.IsNone && sum < operation.Min.AsInt64()) || (!operation.Max.IsNone && sum > operation.Max.AsInt64())
                ? DocumentError.OutOfBounds : DocumentError.None;
        }
        var real = (present is Value before ? before.AsDouble() : 0) + operation.Value.AsDouble();
        if (!double.IsFinite(real))
            return DocumentError.Overflow;
        result = Value.From(real);
        return (!operation.Min.IsNone && real < operation.Min.AsDouble()) || (!operation.Max.IsNone && real > operation.Max.AsDouble())
            ? DocumentError.OutOfBounds : DocumentError.None;
    }
}
