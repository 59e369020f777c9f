using Savepoint.Engine.Journal;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Writers;

/// <summary>One writer's outcomes in one shard, above the mark up to which it has received them. Guarded by the shard's lock.</summary>
internal sealed class WriterState
{
    // Sorted by request number, the parts of a batch in their order; what lies before _head was received and is forgotten.
    private WriterOutcome[] _outcomes = new WriterOutcome[4];
    private int _head;
    private int _end;
    private HashSet<long>? _parked;

    public long ReceivedThrough { get; private set; }

    /// <summary>In ticks of the engine's clock.</summary>
    public long LastUsed { get; set; }

    public int Count => _end - _head;

    public ReadOnlySpan<WriterOutcome> Outcomes => _outcomes.AsSpan(_head, Count);

    /// <summary>Remembers that a copy of a request waits for entities to be loaded.</summary>
    public void Park(long request) => (_parked ??= []).Add(request);

    /// <summary>
    /// Whether an earlier copy of a request, perhaps from a connection that is gone, may still be waiting and take effect later. Then another copy
    /// is not refused for want of room: its sender would believe that nothing happens, and ask again under another number.
    /// </summary>
    public bool MayBeWaiting(long request) => _parked is { Count: > 0 } && _parked.Contains(request);

    public bool TryFind(long request, out WriterOutcome outcome)
    {
        var index = IndexOf(request);
        outcome = index >= 0 ? _outcomes[index] : default;
        return index >= 0;
    }

    /// <summary>Forgets the outcomes that the writer has received.</summary>
    public void Received(long through)
    {
        if (through <= ReceivedThrough)
            return;
        ReceivedThrough = through;
        while (_head < _end && BatchPart.RequestOf(_outcomes[_head].Request) <= through)
            _outcomes[_head++] = default;
        if (_head == _end)
            _head = _end = 0;
        _parked?.RemoveWhere(request => BatchPart.RequestOf(request) <= through);
    }

    public void Add(in WriterOutcome outcome)
    {
        _parked?.Remove(outcome.Request);
        if (_end == _outcomes.Length)
            MakeRoom();
        var index = _end;
        if (index > _head && BatchPart.OrderOf(_outcomes[index - 1].Request) > BatchPart.OrderOf(outcome.Request))
        {
            index = ~IndexOf(outcome.Request);
            Array.Copy(_outcomes, index, _outcomes, index + 1, _end - index);
        }

        _outcomes[index] = outcome;
        _end++;
    }

    /// <summary>After a commit was given up: forgets what was built on it.</summary>
    public void ForgetAfter(long committedSequence)
    {
        var kept = _head;
        for (var i = _head; i < _end; i++)
        {
            if (_outcomes[i].Sequence <= committedSequence)
                _outcomes[kept++] = _outcomes[i];
        }

        Array.Clear(_outcomes, kept, _end - kept);
        _end = kept;
    }

    /// <summary>Forgets the outcomes of changes that are lost with their overlay.</summary>
    public void Forget(DeferredOverlay overlay)
    {
        var kept = _head;
        for (var i = _head; i < _end; i++)
        {
            if (_outcomes[i].Overlay != overlay)
                _outcomes[kept++] = _outcomes[i];
        }

        Array.Clear(_outcomes, kept, _end - kept);
        _end = kept;
    }

    /// <summary>Writes the outcomes of the changes in an overlay to a record.</summary>
    public void Journal(DeferredOverlay overlay, Guid writer, OutcomesRecord record, long sequence)
    {
        var count = 0;
        foreach (ref readonly var outcome in Outcomes)
            count += outcome.Overlay == overlay ? 1 : 0;

        // Also when the writer has received them all, and they are forgotten: then the record says that.
        record.Writer(writer, this, count);
        for (var i = _head; i < _end; i++)
        {
            if (_outcomes[i].Overlay != overlay)
                continue;
            _outcomes[i] = _outcomes[i] with { Sequence = sequence, Overlay = null };
            record.Add(_outcomes[i]);
        }
    }

    private int IndexOf(long request)
    {
        var order = BatchPart.OrderOf(request);
        int low = _head, high = _end - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var found = BatchPart.OrderOf(_outcomes[middle].Request);
            if (found == order)
                return middle;
            if (found < order)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    private void MakeRoom()
    {
        var count = Count;
        var target = count > _outcomes.Length / 2 ? new WriterOutcome[_outcomes.Length * 2] : _outcomes;
        Array.Copy(_outcomes, _head, target, 0, count);
        if (ReferenceEquals(target, _outcomes))
            Array.Clear(_outcomes, count, _end - count);
        (_outcomes, _head, _end) = (target, 0, count);
    }
}

/// <summary>What became of one numbered request.</summary>
internal readonly struct WriterOutcome
{
    public required long Request { get; init; }

    /// <summary>The outcome is certain once the shard's journal is committed up to here.</summary>
    public required long Sequence { get; init; }

    public ulong Fingerprint { get; init; }

    /// <summary>What the first mutation made.</summary>
    public long Version { get; init; }

    /// <summary>What all mutations made, when there are several.</summary>
    public long[]? Versions { get; init; }

    public Refusal? Refusal { get; init; }

    /// <summary>Holds the change, as long as no record does; null otherwise.</summary>
    public DeferredOverlay? Overlay { get; init; }

    /// <summary>Whether a crash can't take the outcome back.</summary>
    public bool IsDurable(long committedSequence) => Overlay is null && Sequence <= committedSequence;

    public RecordRefusal ToRecord() => RecordRefusal.Of(Request, Fingerprint, Refusal!);

    public static WriterOutcome Of(in RecordRefusal refusal, long sequence) => new()
    {
        Request = refusal.Request,
        Sequence = sequence,
        Fingerprint = refusal.Fingerprint,
        Refusal = refusal.ToRefusal(),
    };

    public static WriterOutcome Of(long request, long sequence, ulong fingerprint, long[] versions) => new()
    {
        Request = request,
        Sequence = sequence,
        Fingerprint = fingerprint,
        Version = versions.Length > 0 ? versions[0] : throw new JournalFormatException("an outcome has no versions"),
        Versions = versions.Length > 1 ? versions : null,
    };
}
