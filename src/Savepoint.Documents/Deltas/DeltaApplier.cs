namespace Savepoint.Documents;

/// <summary>Applies a delta's operations straight from their bytes. On a refusal the caller rolls back.</summary>
internal ref struct DeltaApplier
{
    private readonly DocumentEditor _editor;
    private readonly DocumentLimits _limits;
    private readonly Span<char> _keyBuffer;
    private ByteReader _reader;

    /// <summary>Starts before the first byte.</summary>
    public DeltaApplier(ReadOnlySpan<byte> delta, DocumentEditor editor, DocumentLimits limits, Span<char> keyBuffer)
    {
        _editor = editor;
        _limits = limits;
        _keyBuffer = keyBuffer;
        _reader = new ByteReader(delta);
    }

    private enum Missing
    {
        Make,
        Ignore,
        Refuse,
    }

    public DocumentError Run(out int failedOperation)
    {
        failedOperation = -1;
        var before = _editor.Document.EncodedSize;
        var error = OperationReader.ReadHeader(ref _reader, _limits, out var count);
        for (var i = 0; i < count && error == DocumentError.None; i++)
        {
            error = ApplyNext();
            if (error != DocumentError.None)
                failedOperation = i;
        }
        if (error != DocumentError.None)
            return error;
        if (_reader.Remaining > 0)
            return DocumentError.Malformed;

        // A document that is over a lowered limit may still shrink.
        var after = _editor.Document.EncodedSize;
        return after > _limits.MaxDocumentBytes && after > before ? DocumentError.TooLarge : DocumentError.None;
    }

    private DocumentError ApplyNext()
    {
        var error = OperationReader.ReadStart(ref _reader, _limits, out var kind, out var segments);
        if (error != DocumentError.None)
            return error;
        if (segments == 0)
            return Clear(_editor.Document.Root, default);

        var missing = kind switch
        {
            OperationKind.Set or OperationKind.Increment => Missing.Make,
            OperationKind.Insert => Missing.Refuse,
            _ => Missing.Ignore,
        };
        var pathStart = _reader.Position;
        error = Find(segments, missing, out var place);
        if (error != DocumentError.None)
            return error;
        var path = new EncodedPath(_reader.Since(pathStart), segments);
        return kind switch
        {
            OperationKind.Set => Set(place, path),
            OperationKind.Increment => Increment(place, path),
            OperationKind.Insert => Insert(place, path),
            OperationKind.Remove => Remove(place, path),
            _ => place.Found ? Clear(place.Value, path) : MissingToIgnore(place),
        };
    }

    private DocumentError Set(in Place place, EncodedPath path)
    {
        var error = ValueDecoder.Read(ref _reader, path.Count + 1, _limits, out var value);
        return error == DocumentError.None ? Put(place, value, path) : error;
    }

    private DocumentError Increment(in Place place, EncodedPath path)
    {
        var error = Documents.Increment.TryRead(ref _reader, out var increment);
        if (error != DocumentError.None)
            return error;
        error = increment.AddTo(place.Value, out var sum);
        return error == DocumentError.None ? Put(place, sum, path) : error;
    }

    private readonly DocumentError Put(in Place place, Value value, EncodedPath path)
    {
        if (place.Found)
        {
            if (!value.IsScalar || value != place.Value)
                _editor.Set(place, value, path);
            return DocumentError.None;
        }
        if (place.Container is not MapValue map)
            return DocumentError.IndexOutOfRange;
        if (map.Count >= _limits.MaxMapLength)
            return DocumentError.TooManyItems;
        _editor.Add(map, place.Index, KeyTable.Share(place.Key), place.KeyBytes, value);
        _editor.Report(ChangeKind.Add, path, default, value);
        return DocumentError.None;
    }

    private DocumentError Insert(in Place place, EncodedPath path)
    {
        if (place.Container is not ListValue list)
            return DocumentError.InvalidPath;
        if (place.Index > list.Count)
            return DocumentError.IndexOutOfRange;
        if (list.Count >= _limits.MaxListLength)
            return DocumentError.TooManyItems;
        var error = ValueDecoder.Read(ref _reader, path.Count + 1, _limits, out var value);
        if (error != DocumentError.None)
            return error;
        _editor.Insert(list, place.Index, value);
        _editor.Report(ChangeKind.Insert, path, default, value);
        return DocumentError.None;
    }

    private readonly DocumentError Remove(in Place place, EncodedPath path)
    {
        if (!place.Found)
            return MissingToIgnore(place);
        var old = place.Value;
        _editor.Remove(place);
        _editor.Report(ChangeKind.Remove, path, old, default);
        return DocumentError.None;
    }

    private readonly DocumentError Clear(Value target, EncodedPath path)
    {
        if (target.IsScalar)
            return DocumentError.WrongType;
        if (target.Reference is MapValue { Count: 0 } or ListValue { Count: 0 })
            return DocumentError.None;
        var content = _editor.Clear(target);
        _editor.Report(ChangeKind.Clear, path, content, target);
        return DocumentError.None;
    }

    private static DocumentError MissingToIgnore(in Place place) =>
        place.Container is ListValue ? DocumentError.IndexOutOfRange : DocumentError.None;

    private DocumentError Find(int segments, Missing missing, out Place place)
    {
        place = default;
        object container = _editor.Document.Root;
        for (var left = segments; ; left--)
        {
            var error = PathEncoding.TryRead(ref _reader, _limits, out var segment);
            if (error != DocumentError.None)
                return error;
            error = Step(container, segment, out place);
            if (error != DocumentError.None || left == 1)
                return error;
            if (!place.Found)
            {
                if (place.Container is ListValue)
                    return DocumentError.IndexOutOfRange;
                if (missing == Missing.Ignore)
                    return SkipSegments(left - 1, out place);
                if (missing == Missing.Refuse || NextIsIndex())
                    return DocumentError.PathNotFound;
                error = MakeMap(ref place);
                if (error != DocumentError.None)
                    return error;
            }
            if (place.Value.Reference is not (MapValue or ListValue))
                return DocumentError.WrongType;
            container = place.Value.Reference;
        }
    }

    private readonly DocumentError Step(object container, EncodedSegment segment, out Place place)
    {
        place = new Place { Container = container };
        if (container is MapValue map)
        {
            if (segment.IsIndex)
                return DocumentError.WrongType;
            var key = _keyBuffer[..segment.KeyLength];
            Unicode.DecodeValid(segment.Utf8Key, key);
            var index = map.IndexOf(key);
            place.Found = index >= 0;
            place.Index = index >= 0 ? index : ~index;
            place.Key = key;
            place.KeyBytes = segment.Utf8Key.Length;
            return DocumentError.None;
        }
        if (!segment.IsIndex)
            return DocumentError.WrongType;
        place.Index = segment.Index;
        place.Found = segment.Index < ((ListValue)container).Count;
        return DocumentError.None;
    }

    private readonly DocumentError MakeMap(ref Place place)
    {
        var map = (MapValue)place.Container;
        if (map.Count >= _limits.MaxMapLength)
            return DocumentError.TooManyItems;
        _editor.Add(map, place.Index, KeyTable.Share(place.Key), place.KeyBytes, new MapValue());
        place.Found = true;
        return DocumentError.None;
    }

    private readonly bool NextIsIndex() => (_reader.Peek() & 1) != 0;

    private DocumentError SkipSegments(int count, out Place place)
    {
        place = default;
        for (; count > 0; count--)
        {
            var error = PathEncoding.TryRead(ref _reader, _limits, out _);
            if (error != DocumentError.None)
                return error;
        }
        return DocumentError.None;
    }
}
