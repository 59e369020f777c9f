using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>Carries units and batches out on what a fake server holds.</summary>
internal sealed class FakeUnits(FakeServer server, FakeWatches watches)
{
    public ServerMessage Execute(FakeConnection connection, ulong request, Unit unit, List<Action> pushes)
    {
        var committed = new UnitCommitted();
        var undo = new UndoLog();
        for (var i = 0; i < unit.Mutations.Count; i++)
        {
            var mutation = unit.Mutations[i];
            var entity = server.Entity(mutation.Id);
            if (Check(entity, mutation, undo) is { } error)
            {
                undo.RollBackTo(0);
                (error.Kind, error.Id, error.Mutation) = (mutation.Kind, mutation.Id, (uint)i);
                return new ServerMessage { Error = error };
            }
        }
        for (var i = 0; i < unit.Mutations.Count; i++)
        {
            var mutation = unit.Mutations[i];
            var entity = server.Entity(mutation.Id);
            if (mutation.ChangeCase == Mutation.ChangeOneofCase.Message)
            {
                var sent = new EntityMessage { Id = ++entity.LastMessage, Body = mutation.Message, Sender = "sender", SentUnixMs = 1 };
                entity.Messages.Add(sent);
                committed.Versions.Add(sent.Id);
                pushes.Add(() => FakeWatches.PushMessage(entity, sent));
                continue;
            }
            entity.Messages.RemoveAll(kept => mutation.ProcessedMessages.Contains(kept.Id));
            entity.Record(mutation.Delta.ToByteArray(), connection.Writer, request, i);
            committed.Versions.Add((ulong)entity.Version);
            pushes.Add(() => watches.Push(entity, checksum: true, null));
        }
        return new ServerMessage { UnitCommitted = committed };
    }

    public ServerMessage Execute(FakeConnection connection, ulong request, Batch batch, FakeWriter writer, List<Action> pushes)
    {
        var before = writer.Outcomes.TryGetValue(request, out var known) ? known.BatchResult : null;
        var result = new BatchResult();
        for (var i = 0; i < batch.Parts.Count; i++)
        {
            var part = batch.Parts[i];
            if (before is not null && before.Parts[i].Error is not ({ Transient: true } or { OutcomeUnknown: true }))
            {
                result.Parts.Add(before.Parts[i]);
                continue;
            }
            if (server.TreatPart(part) is { } refusal)
            {
                result.Parts.Add(new PartResult { Error = refusal });
                continue;
            }
            var answer = Execute(connection, request, new Unit { Mutations = { part } }, pushes);
            if (answer.Error is { } error)
                error.Mutation = (uint)i;
            else if (part.ChangeCase == Mutation.ChangeOneofCase.Delta)
                server.Entity(part.Id).History[^1] = server.Entity(part.Id).History[^1] with { Writer = null };
            result.Parts.Add(answer.Error is null ? new PartResult { Version = answer.UnitCommitted.Versions[0] } : new PartResult { Error = answer.Error });
        }
        return new ServerMessage { BatchResult = result };
    }

    private static Error? Check(FakeEntity entity, Mutation mutation, UndoLog undo)
    {
        if (mutation.Session != 0 && (mutation.Session != entity.Session || !entity.IsHeld))
            return new Error { Code = ErrorCodes.SessionLost, Holder = entity.Holder };
        if (mutation.HasExpectedVersion && (long)mutation.ExpectedVersion != entity.Version)
            return new Error { Code = ErrorCodes.VersionMismatch, ExpectedVersion = mutation.ExpectedVersion, CurrentVersion = (ulong)entity.Version };
        if (mutation.ChangeCase != Mutation.ChangeOneofCase.Delta)
            return null;
        var error = Delta.TryApply(entity.Document, mutation.Delta.Span, DocumentLimits.Default, undo, out var failed);
        return error == DocumentError.None ? null : new Error { Code = error.Code(), Path = Delta.PathOf(mutation.Delta.Span, failed)?.ToString() ?? "" };
    }
}
