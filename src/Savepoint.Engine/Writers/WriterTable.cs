using Savepoint.Engine.Journal;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Writers;

/// <summary>A shard's memory of the requests that it has answered (I4). Guarded by the shard's lock.</summary>
internal sealed class WriterTable(EngineOptions options)
{
    private const byte FormatVersion = 1;

    private readonly Dictionary<Guid, WriterState> _writers = [];

    public int Count => _writers.Count;

    public bool TryGet(Guid writer, out WriterState state) => _writers.TryGetValue(writer, out state!);

    /// <summary>Gives the state of a writer, made if need be.</summary>
    /// <returns>Why there is none: the table is full, and nobody is forgotten to make room.</returns>
    public Refusal? Admit(Guid writer, long now, out WriterState state)
    {
        if (TryGet(writer, out state))
        {
            state.LastUsed = now;
            return null;
        }

        if (_writers.Count >= options.MaxWritersPerShard)
            return Overload.TooManyWriters;
        _writers[writer] = state = new WriterState { LastUsed = now };
        return null;
    }

    /// <summary>Why no more outcomes of a writer can be remembered; null when they can.</summary>
    public Refusal? CheckRoom(WriterState writer) => writer.Count < options.MaxOutcomesPerWriter ? null : Overload.TooManyOutcomes;

    /// <summary>Takes up the outcome that rides on a record of the journal.</summary>
    public void Replay(in RecordView record, long now)
    {
        var outcome = record.Outcome;
        var state = Replayed(outcome.Writer, now);
        Take(state, WriterOutcome.Of(outcome.Request, record.Sequence, outcome.Fingerprint, outcome.Versions));
        state.Received(outcome.ReceivedThrough);
    }

    /// <summary>Takes up the outcomes that a record of their own lists.</summary>
    /// <exception cref="JournalFormatException">It is damaged.</exception>
    public void ReplayOutcomes(in RecordView record, long now)
    {
        var cursor = new ByteCursor(record.Payload);
        while (!cursor.IsAtEnd)
        {
            var state = Replayed(cursor.Guid(), now);
            var received = (long)cursor.Varint();
            for (var outcomes = cursor.Count(); outcomes > 0; outcomes--)
                Take(state, OutcomesRecord.Read(ref cursor, record.Sequence));
            state.Received(received);
        }
    }

    public void ForgetAfter(long committedSequence)
    {
        foreach (var state in _writers.Values)
            state.ForgetAfter(committedSequence);
    }

    /// <summary>Forgets the outcomes of changes that are lost with their overlay.</summary>
    public void Forget(DeferredOverlay overlay)
    {
        foreach (var writer in overlay.Writers)
        {
            if (_writers.TryGetValue(writer, out var state))
                state.Forget(overlay);
        }
    }

    /// <summary>Writes the outcomes of the changes in an overlay to a record.</summary>
    public void Journal(DeferredOverlay overlay, OutcomesRecord record, long sequence)
    {
        foreach (var writer in overlay.Writers)
        {
            if (_writers.TryGetValue(writer, out var state))
                state.Journal(overlay, writer, record, sequence);
        }
    }

    public void Clear() => _writers.Clear();

    /// <summary>Forgets the writers that were last used before a time.</summary>
    public void ForgetIdle(long before)
    {
        foreach (var (writer, state) in _writers)
        {
            if (state.LastUsed < before)
                _writers.Remove(writer);
        }
    }

    /// <summary>Encodes what is certain: outcomes whose records are committed, and not those that an overlay still holds.</summary>
    public byte[] Encode(long committedSequence)
    {
        if (_writers.Count == 0)
            return [];
        using var buffer = new ByteBuffer();
        buffer.Byte(FormatVersion);
        buffer.Varint((ulong)_writers.Count);
        foreach (var (writer, state) in _writers)
        {
            buffer.Guid(writer);
            buffer.Varint((ulong)state.ReceivedThrough);
            buffer.Varint((ulong)CountDurable(state, committedSequence));
            foreach (ref readonly var outcome in state.Outcomes)
            {
                if (outcome.IsDurable(committedSequence))
                    Encode(buffer, outcome);
            }
        }

        return buffer.Written.ToArray();
    }

    /// <summary>Takes up what a checkpoint stored.</summary>
    /// <exception cref="JournalFormatException">It is damaged or of a newer format.</exception>
    public void Decode(ReadOnlySpan<byte> bytes, long now)
    {
        if (bytes.IsEmpty)
            return;
        var cursor = new ByteCursor(bytes);
        var version = cursor.Byte();
        if (version != FormatVersion)
            throw new JournalFormatException($"the format version {version} of its writers is not known here");
        for (var writers = cursor.Count(); writers > 0; writers--)
        {
            var state = new WriterState { LastUsed = now };
            _writers[cursor.Guid()] = state;
            state.Received((long)cursor.Varint());
            for (var outcomes = cursor.Count(); outcomes > 0; outcomes--)
                Take(state, Decode(ref cursor));
        }
    }

    /// <summary>What was remembered once is taken up again, however full the table is.</summary>
    private WriterState Replayed(Guid writer, long now)
    {
        if (!_writers.TryGetValue(writer, out var state))
            _writers[writer] = state = new WriterState();
        state.LastUsed = now;
        return state;
    }

    private static int CountDurable(WriterState state, long committedSequence)
    {
        var count = 0;
        foreach (ref readonly var outcome in state.Outcomes)
        {
            if (outcome.IsDurable(committedSequence))
                count++;
        }

        return count;
    }

    private static void Take(WriterState state, in WriterOutcome outcome)
    {
        if (BatchPart.RequestOf(outcome.Request) > state.ReceivedThrough && !state.TryFind(outcome.Request, out _))
            state.Add(outcome);
    }

    private static void Encode(ByteBuffer buffer, in WriterOutcome outcome)
    {
        buffer.Varint((ulong)outcome.Request);
        buffer.Varint((ulong)outcome.Sequence);
        buffer.Varint(outcome.Fingerprint);
        if (outcome.Refusal is { } refusal)
        {
            buffer.Varint(0);
            outcome.ToRecord().Write(buffer);
            return;
        }

        buffer.Varint((ulong)(outcome.Versions?.Length ?? 1));
        if (outcome.Versions is null)
            buffer.Varint((ulong)outcome.Version);
        foreach (var made in outcome.Versions ?? [])
            buffer.Varint((ulong)made);
    }

    private static WriterOutcome Decode(ref ByteCursor cursor)
    {
        var request = (long)cursor.Varint();
        var sequence = (long)cursor.Varint();
        var fingerprint = cursor.Varint();
        var count = cursor.Count();
        if (count == 0)
            return WriterOutcome.Of(RecordRefusal.Read(ref cursor), sequence);

        var versions = new long[count];
        for (var i = 0; i < count; i++)
            versions[i] = (long)cursor.Varint();
        return WriterOutcome.Of(request, sequence, fingerprint, versions);
    }
}
