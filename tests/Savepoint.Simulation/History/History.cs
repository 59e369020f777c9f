using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>Everything that happens in a run, in one order: told to the trace and to all checkers. Any thread may tell it.</summary>
internal sealed class History
{
    private readonly Lock _gate = new();
    private readonly Checker[] _checkers;
    private readonly TimeProvider _time;
    private readonly Dictionary<(Guid Writer, long Request), Operation> _operations = [];
    private readonly Dictionary<string, int> _open = [];
    private long _watches;

    public History(TimeProvider time, Verdict verdict, Trace trace, IEnumerable<Checker> checkers)
    {
        (_time, Verdict, Trace) = (time, verdict, trace);
        Ledger = new Ledger(verdict);
        _checkers = [.. checkers];
        foreach (var checker in _checkers)
            (checker.Ledger, checker.Verdict, checker.Time) = (Ledger, verdict, time);
    }

    public Ledger Ledger { get; }

    public Verdict Verdict { get; }

    public Trace Trace { get; }

    public int Answered { get; private set; }

    public int Sent => _operations.Count;

    /// <summary>Requests without a known outcome.</summary>
    public IEnumerable<Operation> Unanswered
    {
        get
        {
            lock (_gate)
                return [.. _operations.Values.Where(operation => !operation.IsAnswered)];
        }
    }

    /// <summary>Looks at what is there while nothing happens.</summary>
    public T Look<T>(Func<Ledger, T> look)
    {
        lock (_gate)
            return look(Ledger);
    }

    public void Look(Action<Ledger> look)
    {
        lock (_gate)
            look(Ledger);
    }

    public void Note(string who, string what) => Trace.Add(who, what);

    public void Written(string process, StoreCall call)
    {
        if (call.Operation == StoreOperation.Append)
            Appended(process, call.Segments);
        else if (call.Operation == StoreOperation.TrimJournal)
            Tell(process, "trims a journal", checker => checker.OnTrimmed(process));
        else if (call.Checkpoint is { } checkpoint)
            Tell(process, $"checkpoint of {checkpoint.Entities.Count} entities", checker => checker.OnCheckpointed(process, checkpoint));
    }

    private void Appended(string process, IReadOnlyList<JournalSegment> segments)
    {
        lock (_gate)
        {
            try
            {
                foreach (var checker in _checkers)
                    checker.OnAppended(process, segments);
                var commit = Ledger.Take(process, segments, _time.GetUtcNow());
                Note(commit, segments);
                foreach (var outcome in commit.Records.SelectMany(record => record.Outcomes))
                {
                    if (outcome.Versions is not null && _operations.TryGetValue((outcome.Writer, outcome.Request), out var operation))
                        operation.Commit = commit.Number;
                }

                foreach (var checker in _checkers)
                    checker.OnCommitted(commit);
            }
#pragma warning disable CA1031 // Whatever it is, the journal can't be read.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Verdict.Fail("I3", $"the journal can't be read: {failure}");
            }
        }
    }

    public void Send(Operation operation)
    {
        lock (_gate)
        {
            operation.SentAfter = Ledger.Commits;
            _operations.Add((operation.Writer, operation.Request), operation);
        }

        Tell("client", Trace.IsOn ? $"sends {operation}" : "", checker => checker.OnSent(operation));
    }

    public Operation? Find(Guid writer, long request)
    {
        lock (_gate)
            return _operations.GetValueOrDefault((writer, request));
    }

    /// <summary>A node has got something that it has to answer: what nobody asks again for would wait for ever.</summary>
    public void Arrived(string node)
    {
        lock (_gate)
            _open[node] = _open.GetValueOrDefault(node) + 1;
    }

    /// <summary>A node has given the answer to something that arrived.</summary>
    public void Completed(string node)
    {
        lock (_gate)
            _open[node]--;
    }

    /// <summary>How much arrived at a node that it has not answered.</summary>
    public int OpenAt(string node)
    {
        lock (_gate)
            return _open.GetValueOrDefault(node);
    }

    /// <summary>A node has answered.</summary>
    public void Answer(string node, Operation operation, long[] versions, Refusal? refusal)
    {
        lock (_gate)
        {
            if (Trace.IsOn)
                Note(node, $"answers {operation}: {(refusal is null ? string.Join(',', versions) : refusal.Code)}");
            foreach (var checker in _checkers)
                checker.OnAnswered(operation, versions, refusal);
            if (!Operation.IsFinal(refusal) || operation.IsAnswered)
                return;
            Answered++;
            (operation.Versions, operation.Refusal) = (refusal is null ? versions : null, refusal);
        }
    }

    public void Shown(string node, in EntitySnapshot snapshot, long asked)
    {
        lock (_gate)
        {
            if (Trace.IsOn)
                Note(node, $"shows {snapshot.Key} at {snapshot.Version}");
            foreach (var checker in _checkers)
                checker.OnShown(snapshot, asked);
        }
    }

    public void NotShown(string node, EntityKey key, long asked, Refusal refusal) =>
        Tell(node, Trace.IsOn ? $"does not show {key} at {asked}: {refusal.Code}" : "", checker => checker.OnNotShown(key, asked, refusal));

    /// <summary>A node has listed versions, or said why it does not.</summary>
    public void Listed(string node, VersionListing listing, long committedBefore, VersionPage? page, Refusal? refusal) =>
        Tell(
            node,
            Trace.IsOn ? $"lists {listing.Key}: {refusal?.Code.ToString() ?? string.Join(',', page!.Versions.Select(version => version.Version))}" : "",
            checker => checker.OnListed(listing, committedBefore, page, refusal));

    public long NewWatch() => Interlocked.Increment(ref _watches);

    /// <summary>A watcher or the holder of a session was told what it starts from.</summary>
    public void WatchStarted(string node, long watch, in EntitySnapshot snapshot, long fromVersion)
    {
        lock (_gate)
        {
            if (Trace.IsOn)
                Note(node, $"starts watch {watch} of {snapshot.Key} at {snapshot.Version}{(snapshot.IsResumed ? ", resumed" : "")}");
            foreach (var checker in _checkers)
            {
                checker.OnShown(snapshot, asked: 0);
                checker.OnWatchStarted(node, watch, snapshot, fromVersion);
            }
        }
    }

    /// <summary>A watcher is lost or wants no more, or its session is over.</summary>
    public void WatchEnded(string node, long watch) =>
        Tell(node, Trace.IsOn ? $"ends watch {watch}" : "", checker => checker.OnWatchEnded(watch));

    /// <summary>A process is dead, and all that hung on it.</summary>
    public void Died(string process) => Tell(process, "is dead", checker => checker.OnDied(process));

    public void Pushed(string node, long watch, in EntityChange change, Document? document)
    {
        lock (_gate)
        {
            if (Trace.IsOn)
                Note(node, $"pushes {change.Key} at {change.Version} to {watch}");
            foreach (var checker in _checkers)
                checker.OnPushed(watch, change, document);
        }
    }

    public void Published(int shard, IReadOnlyList<PublishedChange> changes) =>
        Tell("broker", Trace.IsOn ? $"takes {changes.Count} changes of shard {shard}" : "", checker => checker.OnPublished(shard, changes));

    public void Send(Opening opening)
    {
        lock (_gate)
            (opening.SentAfter, opening.SentAt) = (Ledger.Commits, _time.GetUtcNow());
        Tell("client", Trace.IsOn ? $"sends {opening}" : "", checker => checker.OnSent(opening));
    }

    /// <summary>A node has answered a wish for a session.</summary>
    public void Opened(string node, long watch, Opening opening, in SessionOpening outcome)
    {
        lock (_gate)
        {
            if (Trace.IsOn)
                Note(node, $"answers {opening}: {(outcome.Refusal is { } refusal ? refusal.Code : outcome.HeldBy is { } holder ? $"held by {holder}" : outcome.Session)}");
            foreach (var checker in _checkers)
                checker.OnOpened(node, watch, opening, outcome);
        }
    }

    /// <summary>A node has told the holder of a session of a message.</summary>
    public void Delivered(string node, long watch, EntityKey key, long message) =>
        Tell(node, Trace.IsOn ? $"delivers message {message} of {key} to {watch}" : "", checker => checker.OnDelivered(watch, key, message));

    public void Stopped(string process, IReadOnlyList<EntitySnapshot> seen) =>
        Tell(process, "has stopped in good order", checker => checker.OnStopped(process, seen));

    public void LookAt(string process, EngineSnapshot snapshot) =>
        Tell(process, Trace.IsOn ? $"has {snapshot.ResidentEntities} entities and {snapshot.QueuedUnits} waiting units" : "", checker => checker.OnLook(process, snapshot));

    public void End() => Tell("run", "ends", checker => checker.OnEnd());

    private void Tell(string who, string what, Action<Checker> tell)
    {
        lock (_gate)
        {
            if (Trace.IsOn)
                Note(who, what);
            foreach (var checker in _checkers)
                tell(checker);
        }
    }

    private void Note(Commit commit, IReadOnlyList<JournalSegment> segments)
    {
        if (Trace.IsOn)
            Note(commit.Process, $"commits {commit.Number}: {string.Join(", ", segments.Select(s => $"{s.Shard}:{s.FirstSequence}-{s.LastSequence}"))}");
    }
}
