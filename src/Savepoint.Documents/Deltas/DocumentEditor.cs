namespace Savepoint.Documents;

/// <summary>Makes single changes to a document: keeps its encoded size, notes the way back, and tells whoever listens.</summary>
internal readonly struct DocumentEditor(Document document, UndoLog undo, List<DocumentChange>? changes, ChangeOrigin origin)
{
    public Document Document => document;

    public void Set(in Place place, Value value, EncodedPath path)
    {
        var old = place.Value;
        undo.Push().Fill(UndoStep.SetBack, document, place.Container, place.Index, old);
        document.EncodedSize += value.EncodedSize - old.EncodedSize;
        if (place.Container is MapValue map)
            map.SetAt(place.Index, value);
        else
            ((ListValue)place.Container).SetAt(place.Index, value);
        if (changes is not null)
            Report(ChangeKind.Set, path, old, value);
    }

    public void Add(MapValue map, int index, string key, int keyBytes, Value value)
    {
        undo.Push().Fill(UndoStep.TakeOut, document, map, index);
        document.EncodedSize += Varint.Size(keyBytes) + keyBytes + value.EncodedSize + CountGrowth(map.Count);
        map.InsertAt(index, key, value);
    }

    public void Insert(ListValue list, int index, Value value)
    {
        undo.Push().Fill(UndoStep.TakeOut, document, list, index);
        document.EncodedSize += value.EncodedSize + CountGrowth(list.Count);
        list.InsertAt(index, value);
    }

    public void Remove(in Place place)
    {
        var old = place.Value;
        if (place.Container is MapValue map)
        {
            var key = map.KeyAt(place.Index);
            undo.Push().Fill(UndoStep.PutIn, document, map, place.Index, old, key);
            document.EncodedSize -= MapValue.KeySize(key) + old.EncodedSize + CountGrowth(map.Count - 1);
            map.RemoveAt(place.Index);
            return;
        }
        var list = (ListValue)place.Container;
        undo.Push().Fill(UndoStep.PutIn, document, list, place.Index, old);
        document.EncodedSize -= old.EncodedSize + CountGrowth(list.Count - 1);
        list.RemoveAt(place.Index);
    }

    /// <summary>Empties a map or list.</summary>
    /// <returns>Its former content.</returns>
    public Value Clear(Value target)
    {
        var emptied = target.EncodedSize - 2;
        ref var entry = ref undo.Push();
        Value content = target.TryGetMap(out var map) ? map.TakeContent() : target.AsList().TakeContent();
        entry.Fill(UndoStep.Refill, document, target.Reference!, 0, content);
        document.EncodedSize -= emptied;
        return content;
    }

    public void Report(ChangeKind kind, EncodedPath path, Value oldValue, Value newValue) =>
        changes?.Add(new DocumentChange(path.ToPath(), kind, oldValue, newValue.DeepClone(), origin));

    // One more item can make the count before the items a byte longer.
    private static int CountGrowth(int count) => Varint.Size(count + 1) - Varint.Size(count);
}
