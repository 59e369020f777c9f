using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Testing;

namespace Savepoint.Simulation.Tests.Checkers;

/// <summary>A small history, told to one checker: a journal that a test writes record by record, and what a node says of it.</summary>
internal sealed class Scene : IDisposable
{
    public static readonly Guid Alice = new("a0000000-0000-0000-0000-000000000000");
    public static readonly Guid Bob = new("b0000000-0000-0000-0000-000000000000");
    public static readonly EntityKey Key = GameKinds.Profile(1);

    private const string Node = "node-1";

    private readonly Verdict _verdict = new();
    private readonly Trace _trace;
    private readonly Dictionary<EntityKey, (long Sequence, long Version)> _entities = [];
    private long _sequence;
    private long _request;

    public Scene(Checker? checker = null)
    {
        _trace = new Trace(Time, output: null, isHashed: false);
        History = new History(Time, _verdict, _trace, checker is null ? [] : [checker]);
    }

    public VirtualTime Time { get; } = new();

    public History History { get; }

    public Ledger Ledger => History.Ledger;

    /// <summary>The invariant that the checker finds broken.</summary>
    public string? Fault => _verdict.Invariant;

    public static byte[]? Bytes(string? json) => json is null ? null : DocumentJson.Parse(json).ToBytes();

    public Operation Send(params Mutation[] mutations) => SendAs(Alice, mutations);

    public Operation SendAs(Guid writer, params Mutation[] mutations)
    {
        var operation = new Operation { Writer = writer, Request = ++_request, Mutations = mutations, Name = "test" };
        History.Send(operation);
        return operation;
    }

    public Opening Wish(Guid writer, SessionConflictPolicy policy = SessionConflictPolicy.Wait, long resume = 0)
    {
        var opening = new Opening { Key = Key, Writer = writer, Request = resume > 0 ? 0 : ++_request, Policy = policy, Resume = resume };
        History.Send(opening);
        return opening;
    }

    /// <summary>Opens a session in the journal and tells its holder.</summary>
    public Opening Open(Guid writer, long session)
    {
        var opening = Wish(writer);
        Commit(Entry.Opened(opening, session));
        Tell(opening, session);
        return opening;
    }

    public void Tell(Opening opening, long session, long watch = 1) =>
        History.Opened(Node, watch, opening, new SessionOpening { Session = session, Messages = [] });

    public void TellHeld(Opening opening) => History.Opened(Node, 1, opening, new SessionOpening { HeldBy = "somebody", Messages = [] });

    public void Refuse(Opening opening, RefusalCode code) =>
        History.Opened(Node, 1, opening, new SessionOpening { Refusal = new Refusal(code), Messages = [] });

    public void Answer(Operation operation, params long[] versions) => History.Answer(Node, operation, versions, refusal: null);

    public void Refuse(Operation operation, RefusalCode code) => Refuse(operation, new Refusal(code));

    public void Refuse(Operation operation, Refusal refusal) => History.Answer(Node, operation, [.. operation.Mutations.Select(_ => -1L)], refusal);

    public void Show(long version, string? json, long asked = 0) =>
        History.Shown(Node, new EntitySnapshot { Key = Key, Version = version, Document = Bytes(json) }, asked);

    public void StartWatch(long watch, long version, string? json, long? resumedFrom = null) => History.WatchStarted(
        Node, watch, new EntitySnapshot { Key = Key, Version = version, Document = Bytes(json), IsResumed = resumedFrom is not null }, resumedFrom ?? 0);

    public void Push(long watch, long version, string? json = null) => History.Pushed(
        Node, watch, new EntityChange { Key = Key, Version = version, Delta = default }, json is null ? null : Document.Decode(Bytes(json)!));

    /// <summary>Commits records of one shard in one transaction.</summary>
    public void Commit(params Entry[] entries)
    {
        using var writer = new SegmentWriter();
        var first = _sequence + 1;
        foreach (var entry in entries)
            Append(writer, entry);
        Append(new JournalSegment(0, first, _sequence, 1, Guid.Empty, Time.GetUtcNow(), writer.Finish().ToArray()));
    }

    public void Append(JournalSegment segment, string process = Node) =>
        History.Written(process, new StoreCall(StoreOperation.Append) { Segments = [segment] });

    public void Checkpoint(CheckpointBatch batch) => History.Written(Node, new StoreCall(StoreOperation.WriteCheckpoint) { Checkpoint = batch });

    public void Dispose() => _trace.Dispose();

    private void Append(SegmentWriter writer, Entry entry)
    {
        _sequence++;
        if (entry.Type >= RecordType.Outcomes)
        {
            writer.Append(new RecordHeader { Type = entry.Type, Key = new EntityKey("", ""), AtTicks = Time.GetUtcNow().UtcTicks }, _sequence, entry.Payload);
            return;
        }

        var (previous, version) = _entities.GetValueOrDefault(entry.Key);
        version = entry.Version ?? (entry.Type is RecordType.Changed or RecordType.Removed ? version + 1 : version);
        var header = new RecordHeader
        {
            Type = entry.Type,
            Key = entry.Key,
            Version = version,
            PreviousSequence = entry.Previous ?? previous,
            AtTicks = Time.GetUtcNow().UtcTicks,
            OutcomeOf = entry.OutcomeOf,
            GrantedTo = entry.GrantedTo,
            Session = entry.Session,
            ProcessedMessages = entry.Processed,
        };
        writer.Append(header, _sequence, entry.Payload);
        _entities[entry.Key] = (_sequence, version);
    }
}
