namespace Savepoint.Documents;

/// <summary>
/// Remembers how to take changes back. One log can span several documents, so that a unit over all of them is taken back as one. Keep one
/// and <see cref="Clear"/> it: it keeps its memory. Not thread-safe.
/// </summary>
public sealed class UndoLog
{
    // A rare huge unit must not hold its memory for good.
    private const int MaxKept = 1024;

    private UndoEntry[] _entries = new UndoEntry[16];
    private int _count;

    /// <summary>How many steps can be taken back.</summary>
    public int Count => _count;

    /// <summary>The present place, to roll back to.</summary>
    /// <returns>The mark; valid until the log is rolled back behind it or cleared.</returns>
    public int Mark() => _count;

    /// <summary>Takes back everything since a mark, newest first. The documents are byte for byte as they were.</summary>
    /// <param name="mark">From <see cref="Mark"/>.</param>
    public void RollBackTo(int mark)
    {
        if ((uint)mark > (uint)_count)
            throw new ArgumentOutOfRangeException(nameof(mark));
        while (_count > mark)
        {
            ref var entry = ref _entries[--_count];
            entry.TakeBack();
            entry = default;
        }
    }

    /// <summary>Forgets everything; what was done stays done.</summary>
    public void Clear()
    {
        if (_entries.Length > MaxKept)
            _entries = new UndoEntry[16];
        else
            Array.Clear(_entries, 0, _count);
        _count = 0;
    }

    internal ref UndoEntry Push()
    {
        if (_count == _entries.Length)
            Array.Resize(ref _entries, _count * 2);
        return ref _entries[_count++];
    }
}

internal enum UndoStep : byte
{
    SetBack,
    TakeOut,
    PutIn,
    Refill,
}

/// <summary>One step back: what to do to which container of which document.</summary>
internal struct UndoEntry
{
    private Document _document;
    private object _container;
    private string? _key;
    private Value _value;
    private int _index;
    private int _encodedSize;
    private UndoStep _step;

    public void Fill(UndoStep step, Document document, object container, int index, Value value = default, string? key = null)
    {
        _document = document;
        _container = container;
        _key = key;
        _value = value;
        _index = index;
        _encodedSize = document.EncodedSize;
        _step = step;
    }

    public readonly void TakeBack()
    {
        if (_container is MapValue map)
            TakeBack(map);
        else
            TakeBack((ListValue)_container);
        _document.EncodedSize = _encodedSize;
    }

    private readonly void TakeBack(MapValue map)
    {
        switch (_step)
        {
            case UndoStep.SetBack:
                map.SetAt(_index, _value);
                break;
            case UndoStep.TakeOut:
                map.RemoveAt(_index);
                break;
            case UndoStep.PutIn:
                map.InsertAt(_index, _key!, _value);
                break;
            default:
                map.PutContentBack(_value.AsMap());
                break;
        }
    }

    private readonly void TakeBack(ListValue list)
    {
        switch (_step)
        {
            case UndoStep.SetBack:
                list.SetAt(_index, _value);
                break;
            case UndoStep.TakeOut:
                list.RemoveAt(_index);
                break;
            case UndoStep.PutIn:
                list.InsertAt(_index, _value);
                break;
            default:
                list.PutContentBack(_value.AsList());
                break;
        }
    }
}
