using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Spanning;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Engine.Writers;

namespace Savepoint.Simulation.Tests.Checkers;

/// <summary>A record that a test writes to the journal.</summary>
internal sealed record Entry(RecordType Type, EntityKey Key, byte[] Payload)
{
    public Unit? OutcomeOf { get; init; }

    public SessionHolder? GrantedTo { get; init; }

    public long Session { get; init; }

    public long[]? Processed { get; init; }

    /// <summary>Its version, where it is not the next one.</summary>
    public long? Version { get; init; }

    /// <summary>The record that it points back to, where that is not the entity's last.</summary>
    public long? Previous { get; init; }

    public static Entry Change(string path = "n", Value? value = null) => ChangeOf(Scene.Key, path, value);

    public static Entry ChangeOf(EntityKey key, string path = "n", Value? value = null)
    {
        var delta = new DeltaWriter();
        delta.Set(path, value ?? 1);
        return new Entry(RecordType.Changed, key, delta.ToArray());
    }

    public static Entry Increment()
    {
        var delta = new DeltaWriter();
        delta.Increment("n", 1);
        return new Entry(RecordType.Changed, Scene.Key, delta.ToArray());
    }

    public static Entry Removed() => new(RecordType.Removed, Scene.Key, []);

    public static Entry Opened(Opening opening, long session)
    {
        using var payload = new ByteBuffer(128);
        EntityMetadata.WriteSession(payload, new SessionState { Number = session, IsActive = true, Writer = opening.Writer, Request = opening.Request });
        return new Entry(RecordType.SessionOpened, opening.Key, payload.Written.ToArray()) { GrantedTo = new Grantee(opening), Session = session };
    }

    public static Entry Ended(SessionEndReason reason = SessionEndReason.Ended) => new(RecordType.SessionEnded, Scene.Key, [(byte)reason]);

    public static Entry Message(long id, long number = 5)
    {
        using var payload = new ByteBuffer(128);
        EntityMetadata.WriteMessage(payload, new EntityMessage(id, Simulation.Change.Message(Scene.Key, number).Payload, "", default));
        return new Entry(RecordType.MessageAdded, Scene.Key, payload.Written.ToArray());
    }

    /// <summary>A refusal, in a record of its own.</summary>
    public static Entry Refusal(Operation operation, RefusalCode code)
    {
        using var record = new OutcomesRecord();
        record.Writer(operation.Writer, new WriterState(), outcomes: 1);
        record.Add(new WriterOutcome { Request = operation.Request, Sequence = 0, Refusal = new Refusal(code) });
        return new Entry(RecordType.Outcomes, default, record.Written.ToArray());
    }

    /// <summary>A part of a unit that makes a version of the scene's entity, as a change to it would.</summary>
    public static Entry Prepared(Guid unit, long version, string path = "n", Value? value = null)
    {
        var delta = Change(path, value).Payload;
        var part = new UnitPart(unit, 0, [1]) { Mutations = [new Mutation { Key = Scene.Key, Payload = delta }] };
        using var payload = new ByteBuffer(128);
        new Prepare { Part = part, Kept = [new KeptMutation { Version = version, Delta = delta }], Sequence = 0 }.Write(payload);
        return new Entry(RecordType.UnitPrepared, default, payload.Written.ToArray());
    }

    /// <summary>A unit is decided, with a part in the scene's shard.</summary>
    public static Entry Decided(Guid unit, long version)
    {
        using var payload = new ByteBuffer(128);
        new Decision { Id = unit, Parts = [(0, [version])], Sequence = 0 }.Write(payload);
        return new Entry(RecordType.UnitDecided, default, payload.Written.ToArray());
    }

    public static Entry Of(RecordType type, Guid unit) => new(type, default, unit.ToByteArray());

    /// <summary>Lets the outcome of a request ride on the record.</summary>
    public Entry By(Operation operation, params long[] versions) => this with
    {
        OutcomeOf = new Done { Writer = operation.Writer, Request = operation.Request, Mutations = Array.ConvertAll(versions, version => new Mutation { ResultVersion = version }) },
    };

    public Entry Processing(params long[] messages) => this with { Processed = messages };

    private sealed class Done : Unit
    {
        protected internal override void Completed(Refusal? refusal) => throw new NotSupportedException();
    }

    private sealed class Grantee : SessionHolder
    {
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public Grantee(Opening opening) => (Key, Name, Writer, Request) = (opening.Key, "somebody", opening.Writer, opening.Request);

        protected internal override void OnOpened(in SessionOpening opening) => throw new NotSupportedException();

        protected internal override void OnRequested(string requester) => throw new NotSupportedException();

        protected internal override void OnEnded(SessionEndReason reason, string? newHolder) => throw new NotSupportedException();

        protected internal override void OnMessage(EntityMessage message) => throw new NotSupportedException();

        protected internal override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal) => throw new NotSupportedException();

        protected internal override void OnChange(in EntityChange change) => throw new NotSupportedException();

        protected internal override void OnLost() => throw new NotSupportedException();
    }
}
