using Savepoint.Engine.Databases;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>
/// A shard's share of units over several nodes or databases: the parts that it has prepared, the decisions that it has made, and the units that it is about
/// to decide. The first two are journaled and part of the shard's metadata; the third is known in memory only. Guarded by the shard's lock.
/// </summary>
internal sealed class ShardUnits(EngineContext context, DatabaseCounters counters)
{
    private const byte FormatVersion = 1;

    // A prepare that comes after its unit has ended is mostly noticed here; else it ends as any that nobody decides.
    private const int MostEndedRemembered = 1_024;

    private readonly Dictionary<Guid, Prepare> _prepares = [];
    private readonly Dictionary<Guid, Decision> _decisions = [];
    private readonly Dictionary<Guid, Undertaking> _attempts = [];
    private readonly Dictionary<Guid, List<Undertaking>> _ofWriters = [];
    private readonly HashSet<Guid> _ended = [];
    private readonly Queue<Guid> _endedInOrder = new();

    public HeldEntities Held { get; } = new(context, counters);

    public int Prepares => _prepares.Count;

    public int Decisions => _decisions.Count;

    public Prepare? FindPrepare(Guid id) => _prepares.GetValueOrDefault(id);

    public Decision? FindDecision(Guid id) => _decisions.GetValueOrDefault(id);

    public bool IsUnderWay(Guid id) => _attempts.ContainsKey(id);

    public bool HasEnded(Guid id) => _ended.Contains(id);

    public IEnumerable<Prepare> OpenPrepares => _prepares.Values.Where(prepare => prepare is { IsOpen: true, Part.IsJournaled: true });

    /// <summary>Parts of which nothing is journaled: they end with the attempt, in this process.</summary>
    public IEnumerable<Prepare> KeptInMemory => _prepares.Values.Where(prepare => prepare is { IsOpen: true, Part.IsJournaled: false });

    public IEnumerable<Decision> OpenDecisions => _decisions.Values.Where(decision => decision.IsOpen);

    /// <summary>Keeps a part, and holds its entities.</summary>
    public void Open(Prepare prepare)
    {
        _prepares[prepare.Id] = prepare;
        Held.Hold(prepare);
    }

    /// <summary>A part was carried out or is forgotten. <see cref="HeldEntities.Drain"/> is to follow.</summary>
    /// <param name="prepare">The part.</param>
    /// <param name="endSequence">The record that says so; 0 for one whose prepare was not journaled.</param>
    public void End(Prepare prepare, long endSequence)
    {
        prepare.EndSequence = endSequence;
        if (endSequence == 0)
            _prepares.Remove(prepare.Id);
        Held.Release(prepare);
        NoteEnded(prepare.Id);
    }

    public void NoteEnded(Guid id)
    {
        if (!_ended.Add(id))
            return;
        _endedInOrder.Enqueue(id);
        if (_endedInOrder.Count > MostEndedRemembered)
            _ended.Remove(_endedInOrder.Dequeue());
    }

    public void Add(Decision decision) => _decisions[decision.Id] = decision;

    /// <summary>A request is taken up: copies of it, and its writer's later requests for what it changes, wait for what comes of it.</summary>
    public void Begin(Undertaking undertaking)
    {
        if (undertaking.Unit.Writer == Guid.Empty)
            return;
        if (!_ofWriters.TryGetValue(undertaking.Unit.Writer, out var others))
            _ofWriters.Add(undertaking.Unit.Writer, others = []);
        others.Add(undertaking);
    }

    public void BeginAttempt(Undertaking undertaking, Guid id) => _attempts[id] = undertaking;

    public void EndAttempt(Guid id) => _attempts.Remove(id);

    /// <summary>The request has its outcome, or has none.</summary>
    /// <returns>Those that wait for it, in the order in which they came.</returns>
    public List<Unit> End(Undertaking undertaking)
    {
        if (_ofWriters.TryGetValue(undertaking.Unit.Writer, out var others) && others.Remove(undertaking) && others.Count == 0)
            _ofWriters.Remove(undertaking.Unit.Writer);
        counters.AddWaitingForLoad(-undertaking.Waiting.Count);
        return undertaking.Waiting;
    }

    /// <summary>Lets a request wait, if a copy of it is under way, or an earlier one of its writer that it has an entity in common with: it must not overtake that.</summary>
    public bool TryJoin(Unit unit)
    {
        if (_ofWriters.Count == 0 || !_ofWriters.TryGetValue(unit.Writer, out var undertakings))
            return false;
        foreach (var undertaking in undertakings)
        {
            if (undertaking.Unit == unit || !undertaking.IsAheadOf(unit))
                continue;
            undertaking.Waiting.Add(unit);
            counters.AddWaitingForLoad(1);
            return true;
        }

        return false;
    }

    /// <summary>
    /// After a commit was given up: forgets what was built on it. What it had ended is open again, and held: the entities that were changed are dropped from
    /// memory and read anew.
    /// </summary>
    /// <returns>The parts that are not held any more.</returns>
    public List<Prepare> ForgetAfter(long committedSequence)
    {
        var released = new List<Prepare>();
        foreach (var (id, prepare) in _prepares)
        {
            if (prepare.Sequence > committedSequence)
            {
                _prepares.Remove(id);
                Held.Release(prepare);
                released.Add(prepare);
            }
            else if (prepare.EndSequence > committedSequence)
            {
                prepare.EndSequence = 0;
                Held.Hold(prepare);
            }
        }

        foreach (var (id, decision) in _decisions)
        {
            if (decision.Sequence > committedSequence)
                _decisions.Remove(id);
            else if (decision.EndSequence > committedSequence)
                decision.EndSequence = 0;
        }

        return released;
    }

    /// <summary>Forgets what has ended durably.</summary>
    public void Purge(long committedSequence)
    {
        foreach (var (id, prepare) in _prepares)
        {
            if (!prepare.IsOpen && prepare.EndSequence <= committedSequence)
                _prepares.Remove(id);
        }

        foreach (var (id, decision) in _decisions)
        {
            if (!decision.IsOpen && decision.EndSequence <= committedSequence)
                _decisions.Remove(id);
        }
    }

    public void Clear()
    {
        _prepares.Clear();
        _decisions.Clear();
        Held.Clear();
    }

    /// <summary>Whether a record is one of those that are kept here.</summary>
    public static bool IsOne(RecordType type) => type is >= RecordType.UnitPrepared and <= RecordType.UnitAborted;

    /// <summary>Takes up a record of the journal.</summary>
    /// <exception cref="JournalFormatException">It is damaged.</exception>
    public void Replay(in RecordView record)
    {
        var cursor = new ByteCursor(record.Payload);
        switch (record.Type)
        {
            case RecordType.UnitPrepared:
                Take(Prepare.Read(ref cursor, record.Sequence));
                break;
            case RecordType.PrepareEnded:
                _prepares.Remove(cursor.Guid());
                break;
            case RecordType.UnitDecided:
                var decision = Decision.Read(ref cursor, record.Sequence);
                _decisions[decision.Id] = decision;
                break;
            case RecordType.DecisionEnded:
                _decisions.Remove(cursor.Guid());
                break;
        }
    }

    /// <summary>After the replay: what is open is held from now on.</summary>
    public void HoldAll()
    {
        foreach (var prepare in _prepares.Values)
            Held.Hold(prepare);
    }

    /// <summary>Encodes what is certain; nothing where there is nothing.</summary>
    public byte[] Encode(long committedSequence)
    {
        var prepares = _prepares.Values.Where(prepare => prepare.Part.IsJournaled && IsOpenAt(prepare.Sequence, prepare.EndSequence, committedSequence)).ToList();
        var decisions = _decisions.Values.Where(decision => IsOpenAt(decision.Sequence, decision.EndSequence, committedSequence)).ToList();
        if (prepares.Count == 0 && decisions.Count == 0)
            return [];
        using var buffer = new ByteBuffer();
        buffer.Byte(FormatVersion);
        buffer.Varint((ulong)prepares.Count);
        foreach (var prepare in prepares)
        {
            buffer.Varint((ulong)prepare.Sequence);
            prepare.Write(buffer);
        }

        buffer.Varint((ulong)decisions.Count);
        foreach (var decision in decisions)
        {
            buffer.Varint((ulong)decision.Sequence);
            decision.Write(buffer);
        }

        return buffer.Written.ToArray();
    }

    /// <summary>Takes up what a checkpoint stored.</summary>
    /// <exception cref="JournalFormatException">It is damaged or of a newer format.</exception>
    public void Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        var cursor = new ByteCursor(bytes);
        var version = cursor.Byte();
        if (version != FormatVersion)
            throw new JournalFormatException($"the format version {version} of its prepared units is not known here");
        for (var prepares = cursor.Count(); prepares > 0; prepares--)
        {
            var sequence = (long)cursor.Varint();
            Take(Prepare.Read(ref cursor, sequence));
        }

        for (var decisions = cursor.Count(); decisions > 0; decisions--)
        {
            var sequence = (long)cursor.Varint();
            var decision = Decision.Read(ref cursor, sequence);
            _decisions[decision.Id] = decision;
        }
    }

    private void Take(Prepare prepare)
    {
        foreach (ref readonly var mutation in prepare.Part.Mutations.AsSpan())
        {
            if (!context.Kinds.TryGet(mutation.Key.Kind, out _))
                throw new JournalFormatException($"it holds an entity of the kind '{mutation.Key.Kind}', which is not registered");
        }

        _prepares[prepare.Id] = prepare;
    }

    private static bool IsOpenAt(long sequence, long endSequence, long committedSequence) =>
        sequence <= committedSequence && (endSequence == 0 || endSequence > committedSequence);
}
