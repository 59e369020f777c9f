using System.Runtime.CompilerServices;
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

    public Backlog Backlog { get; } = new();

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

    /// <summary>Adds a line to the trace.</summary>
    public void Note(string who, [InterpolatedStringHandlerArgument("")] ref TraceText what) => Note(who, what.ToStringAndClear());

    public void Note(string who, string what) => Trace.Add(who, what);

    /// <summary>The database has taken a write of a process.</summary>
    public void Written(string process, StoreCall call)
    {
        if (call.Operation == StoreOperation.Append)
            Appended(process, call.Segments);
        else if (call.Operation == StoreOperation.TrimJournal)
            Tell(process, "trims a journal", checker => checker.OnTrimmed(process));
        else if (call.Checkpoint is { } checkpoint)
            Tell(process, $"checkpoint of {checkpoint.Entities.Count} entities", checker => checker.OnCheckpointed(process, checkpoint));
    }

    /// <summary>A client is about to send a request for the first time.</summary>
    public void Send(Operation operation)
    {
        lock (_gate)
        {
            operation.SentAfter = Ledger.Commits;
            _operations.Add((operation.Writer, operation.Request), operation);
        }

        Tell("client", $"sends {operation}", checker => checker.OnSent(operation));
    }

    /// <summary>A node has answered.</summary>
    public void Answer(string node, Operation operation, long[] versions, Refusal? refusal)
    {
        lock (_gate)
        {
            Tell(node, $"answers {operation}: {(refusal is null ? string.Join(',', versions) : refusal.Code)}", checker => checker.OnAnswered(operation, versions, refusal));
            if (Operation.IsFinal(refusal) && !operation.IsAnswered)
                (operation.Versions, operation.Refusal) = (refusal is null ? versions : null, refusal);
        }
    }

    /// <summary>A node has shown a reader, or the SDK its caller, an entity.</summary>
    public void Shown(string node, EntitySnapshot snapshot, long asked) =>
        Tell(node, $"shows {snapshot.Key} at {snapshot.Version}", checker =>
        {
            checker.OnShown(snapshot, asked);
            checker.OnRead(node, snapshot, asked);
        });

    /// <summary>A node could not show a version that was asked for.</summary>
    public void NotShown(string node, EntityKey key, long asked, Refusal refusal) =>
        Tell(node, $"does not show {key} at {asked}: {refusal.Code}", checker => checker.OnNotShown(key, asked, refusal));

    /// <summary>A node has listed versions, or said why it does not.</summary>
    public void Listed(string node, VersionListing listing, long committedBefore, VersionPage? page, Refusal? refusal) => Tell(
        node,
        $"lists {listing.Key}: {refusal?.Code.ToString() ?? string.Join(',', page!.Versions.Select(version => version.Version))}",
        checker => checker.OnListed(listing, committedBefore, page, refusal));

    /// <summary>A client is about to send a wish for a session for the first time.</summary>
    public void Send(Opening opening)
    {
        lock (_gate)
            (opening.SentAfter, opening.SentAt) = (Ledger.Commits, _time.GetUtcNow());
        Tell("client", $"sends {opening}", checker => checker.OnSent(opening));
    }

    /// <summary>A node has answered a wish for a session.</summary>
    public void Opened(string node, long watch, Opening opening, SessionOpening outcome) => Tell(
        node,
        $"answers {opening}: {(outcome.Refusal is { } refusal ? refusal.Code : outcome.HeldBy is { } holder ? $"held by {holder}" : outcome.Session)}",
        checker => checker.OnOpened(node, watch, opening, outcome));

    /// <summary>A node has told the holder of a session of a message.</summary>
    public void Delivered(string node, long watch, EntityKey key, long message) =>
        Tell(node, $"delivers message {message} of {key} to {watch}", checker => checker.OnDelivered(watch, key, message));

    /// <summary>Numbers a watch, which may also be that of the holder of a session.</summary>
    public long NewWatch() => Interlocked.Increment(ref _watches);

    /// <summary>A watcher or the holder of a session was told what it starts from.</summary>
    public void WatchStarted(string node, long watch, EntitySnapshot snapshot, long fromVersion) =>
        Tell(node, $"starts watch {watch} of {snapshot.Key} at {snapshot.Version}{(snapshot.IsResumed ? ", resumed" : "")}", checker =>
        {
            checker.OnShown(snapshot, asked: 0);
            checker.OnWatchStarted(node, watch, snapshot, fromVersion);
        });

    /// <summary>A watcher was pushed to.</summary>
    public void Pushed(string node, long watch, in EntityChange change, Document? document)
    {
        // Spelled out: a change lies on the stack, and can't be told of later.
        lock (_gate)
        {
            Note(node, $"pushes {change.Key} at {change.Version} to {watch}");
            foreach (var checker in _checkers)
                checker.OnPushed(watch, change, document);
        }
    }

    /// <summary>A watcher is lost or wants no more, or its session is over.</summary>
    public void WatchEnded(string node, long watch) => Tell(node, $"ends watch {watch}", checker => checker.OnWatchEnded(watch));

    /// <summary>The broker has taken changes of a shard.</summary>
    public void Published(int shard, IReadOnlyList<PublishedChange> changes) =>
        Tell("broker", $"takes {changes.Count} changes of shard {shard}", checker => checker.OnPublished(shard, changes));

    /// <summary>A process is dead, and all that hung on it.</summary>
    public void Died(string process) => Tell(process, "is dead", checker => checker.OnDied(process));

    /// <summary>A node was stopped in good order, and nothing went wrong meanwhile.</summary>
    public void Stopped(string process, IReadOnlyList<EntitySnapshot> seen) =>
        Tell(process, "has stopped in good order", checker => checker.OnStopped(process, seen));

    /// <summary>A look at a node, now and then.</summary>
    public void LookAt(string process, EngineSnapshot snapshot) =>
        Tell(process, $"has {snapshot.ResidentEntities} entities and {snapshot.QueuedUnits} waiting units", checker => checker.OnLook(process, snapshot));

    /// <summary>All is quiet and everything was waited for.</summary>
    public void End() => Tell("run", "ends", checker => checker.OnEnd());

    private void Appended(string process, IReadOnlyList<JournalSegment> segments)
    {
        lock (_gate)
        {
            try
            {
                foreach (var checker in _checkers)
                    checker.OnAppended(process, segments);
                var commit = Ledger.Take(process, segments, _time.GetUtcNow());
                Note(process, $"commits {commit.Number}: {string.Join(", ", segments.Select(s => $"{s.Shard}:{s.FirstSequence}-{s.LastSequence}"))}");
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

    private void Tell(string who, [InterpolatedStringHandlerArgument("")] ref TraceText what, Action<Checker> tell) => Tell(who, what.ToStringAndClear(), tell);

    private void Tell(string who, string what, Action<Checker> tell)
    {
        lock (_gate)
        {
            Note(who, what);
            foreach (var checker in _checkers)
                tell(checker);
        }
    }
}
