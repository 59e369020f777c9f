using System.Runtime.CompilerServices;
using System.Text;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;
using Savepoint.Engine.Writers;

namespace Savepoint.Simulation;

/// <summary>
/// The truth: every commit in the order in which the database took it, replayed by plain means as it happens. What the engine shows anybody has to agree
/// with it.
/// </summary>
internal sealed class Ledger(Verdict verdict)
{
    private static readonly DocumentLimits NoLimits = new() { MaxDepth = DocumentLimits.DepthCeiling };

    private readonly Dictionary<EntityKey, LedgerEntity> _entities = [];
    private readonly Dictionary<(Guid Writer, long Request), CommittedOutcome> _outcomes = [];
    private readonly Dictionary<int, string> _owners = [];

    /// <summary>Units over several shards that no single commit could cover.</summary>
    public LedgerUnits Units { get; } = new(verdict);

    public int Commits { get; private set; }

    public long Records { get; private set; }

    public IEnumerable<LedgerEntity> Entities => _entities.Values;

    public LedgerEntity? Find(in EntityKey key) => _entities.GetValueOrDefault(key);

    public bool TryFindOutcome(Guid writer, long request, out CommittedOutcome outcome) => _outcomes.TryGetValue((writer, request), out outcome);

    /// <summary>
    /// An entity's version as a process has to know it: one that has lost the shard to another, and has not noticed, shows what was before.
    /// </summary>
    public long VersionFor(string process, in EntityKey key) =>
        Find(key) is { } entity && _owners.GetValueOrDefault(entity.Shard) == process ? entity.Version : 0;

    /// <summary>Takes up a transaction.</summary>
    public Commit Take(string process, IReadOnlyList<JournalSegment> segments, DateTimeOffset now)
    {
        Commits++;
        foreach (var segment in segments)
            _owners[segment.Shard] = process;
        var records = new List<CommittedRecord>();
        foreach (var segment in segments)
        {
            var reader = new SegmentReader(segment);
            while (reader.TryRead(out var record))
                records.Add(Take(segment.Shard, record, now));
        }

        Records += records.Count;
        return new Commit(Commits, process, records);
    }

    private CommittedRecord Take(int shard, in RecordView record, DateTimeOffset now)
    {
        var outcomes = TakeOutcomes(record);
        var key = new EntityKey(Encoding.UTF8.GetString(record.Kind), Encoding.UTF8.GetString(record.Id));
        if (key.Kind.Length == 0)
        {
            Units.Take(this, shard, record);
            return new CommittedRecord { Type = record.Type, Shard = shard, Sequence = record.Sequence, Version = 0, Outcomes = outcomes };
        }

        if (!_entities.TryGetValue(key, out var entity))
            _entities[key] = entity = new LedgerEntity(key, shard);
        var before = entity.Session;
        Require(record.PreviousSequence == entity.Sequence, "I3", $"record {record.Sequence} of {key} points back to {record.PreviousSequence}, not to {entity.Sequence}");
        entity.AddRecord(record.Sequence);
        Units.CheckChange(shard, key, record);
        foreach (var message in record.ProcessedMessages ?? [])
            Require(entity.RemoveMessage(message, Commits), "I4", $"message {message} of {key} was processed and is not there");
        Apply(entity, record, now);
        return new CommittedRecord
        {
            Type = record.Type,
            Shard = shard,
            Sequence = record.Sequence,
            Entity = entity,
            Version = record.Version,
            Outcomes = outcomes,
            IsIncrements = record.Type == RecordType.Changed && IsIncrements(record.Payload),
            SessionBefore = before,
            EndReason = record.Type == RecordType.SessionEnded ? (SessionEndReason)record.Payload[0] : null,
            Reason = Encoding.UTF8.GetString(record.Reason),
        };
    }

    private void Apply(LedgerEntity entity, in RecordView record, DateTimeOffset now)
    {
        switch (record.Type)
        {
            case RecordType.Changed:
                Delta.Apply(entity.Document ??= new Document(), record.Payload, NoLimits);
                AddVersion(entity, record, now);
                break;
            case RecordType.Removed:
                entity.Document = null;
                AddVersion(entity, record, now);
                entity.ClearMessages(Commits);
                if (entity.Session.IsActive)
                    entity.Add(entity.Session with { IsActive = false, Commit = Commits });
                break;
            case RecordType.SessionOpened:
                var cursor = new ByteCursor(record.Payload);
                var session = EntityMetadata.ReadSession(ref cursor)!;
                Require(session.Number == entity.Session.Number + 1, "I5", $"session {session.Number} of {entity.Key} follows on {entity.Session.Number}");
                Require(!entity.Session.IsActive, "I5", $"session {session.Number} of {entity.Key} began before {entity.Session.Number} ended");
                entity.Add(new LedgerSession(session.Number, true, session.Writer, session.Request, Commits));
                break;
            case RecordType.SessionEnded:
                Require(entity.Session.IsActive, "I5", $"session {entity.Session.Number} of {entity.Key} ended twice");
                entity.Add(entity.Session with { IsActive = false, Commit = Commits });
                break;
            case RecordType.MessageAdded:
                var payload = new ByteCursor(record.Payload);
                var message = EntityMetadata.ReadMessage(ref payload);
                Require(message.Id == entity.LastMessage + 1, "I6", $"message {message.Id} of {entity.Key} came after {entity.LastMessage}");
                entity.Add(new LedgerMessage(message.Id, message.Body.ToArray(), Commits));
                break;
        }
    }

    private void AddVersion(LedgerEntity entity, in RecordView record, DateTimeOffset now)
    {
        Require(record.Version == entity.Version + 1, "I3", $"version {record.Version} of {entity.Key} follows on {entity.Version}");
        entity.Add(new LedgerVersion(
            entity.Document?.ToBytes(), record.Sequence, Commits, new DateTimeOffset(record.AtTicks, TimeSpan.Zero), now)
        {
            Actor = Text(record.Actor),
            EventType = Text(record.EventType),
            DeltaBytes = record.Payload.Length,
        });
    }

    private static string? Text(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Encoding.UTF8.GetString(utf8);

    private List<CommittedOutcome> TakeOutcomes(in RecordView record)
    {
        var outcomes = new List<CommittedOutcome>();
        if (record.HasOutcome)
            outcomes.Add(new CommittedOutcome(record.Outcome.Writer, record.Outcome.Request, record.Outcome.Versions, 0));
        if (record.Type == RecordType.Outcomes)
            ReadOutcomes(record, outcomes);
        foreach (var outcome in outcomes)
        {
            if (!_outcomes.TryAdd((outcome.Writer, outcome.Request), outcome))
                verdict.Fail("I4", $"request {outcome.Request} of {outcome.Writer} has two outcomes in the journal: {_outcomes[(outcome.Writer, outcome.Request)]}, and {outcome} in record {record.Sequence} of {Encoding.UTF8.GetString(record.Kind)}/{Encoding.UTF8.GetString(record.Id)}");
        }

        return outcomes;
    }

    private static void ReadOutcomes(in RecordView record, List<CommittedOutcome> outcomes)
    {
        var cursor = new ByteCursor(record.Payload);
        while (!cursor.IsAtEnd)
        {
            var writer = cursor.Guid();
            cursor.Varint();
            for (var count = cursor.Count(); count > 0; count--)
            {
                var outcome = OutcomesRecord.Read(ref cursor, record.Sequence);
                var versions = outcome.Refusal is null ? outcome.Versions ?? [outcome.Version] : null;
                outcomes.Add(new CommittedOutcome(writer, outcome.Request, versions, (int)(outcome.Refusal?.Code ?? RefusalCode.None)));
            }
        }
    }

    private void Require(bool isRight, string invariant, [InterpolatedStringHandlerArgument(nameof(isRight))] ref ViolationText what)
    {
        if (!isRight)
            verdict.Fail(invariant, what.ToStringAndClear());
    }

    private static bool IsIncrements(ReadOnlySpan<byte> delta)
    {
        foreach (var operation in new DeltaReader(delta))
        {
            if (operation.Kind != Documents.OperationKind.Increment)
                return false;
        }

        return true;
    }
}
