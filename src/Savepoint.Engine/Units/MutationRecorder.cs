using Savepoint.Documents;
using Savepoint.Engine.Commits;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Recovery;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Spanning;
using Savepoint.Engine.Watching;
using Savepoint.Engine.Writers;

namespace Savepoint.Engine.Units;

/// <summary>
/// The second half of a unit: gives versions and sequence numbers, queues the records, and says what must happen once they are durable.
/// Nothing here can fail.
/// </summary>
internal sealed class MutationRecorder(SessionDesk sessions)
{
    private const string RepairedEvent = "repaired";

    /// <returns>The entity, when only its overlay was changed; null when there are records.</returns>
    public Entity? Record(Unit unit, Shard home, WriterState? writer, UnitScratch scratch, DateTimeOffset now)
    {
        var mutations = unit.Mutations;
        for (var i = 0; i < mutations.Length; i++)
            mutations[i].ResultVersion = Number(mutations[i], scratch.Plans[i]);
        if (scratch.Plans[0] is { IsDeferred: true, Unversioned: { } unversioned })
        {
            var entity = scratch.Plans[0].Entity!;
            Remember(unit, writer, home.IsCommitted(entity) ? home.CommittedSequence : home.LastSequence, entity.Extras?.Overlay);
            Defer(unit, scratch.Plans[0], unversioned);
            return entity;
        }

        var header = new RecordHeader
        {
            AtTicks = now.UtcTicks,
            Actor = unit.Actor,
            Reason = unit.Reason,
            CorrelationId = unit.CorrelationId,
        };
        for (var i = 0; i < mutations.Length; i++)
        {
            // The outcome of the whole unit rides on its first record.
            header.OutcomeOf = i == 0 && writer is not null ? unit : null;
            header.ProcessedMessages = mutations[i].ProcessedMessages;
            header.EventType = EventTypeOf(mutations[i]);
            Record(unit, i, scratch.Plans[i], ref header, scratch.Delta);
            if (mutations[i].WantsDocument)
                mutations[i].ResultDocument = scratch.Plans[i].Entity!.Document?.Clone();
            if (i == 0)
                Remember(unit, writer, home.LastSequence);
        }

        return null;
    }

    /// <summary>
    /// Writes the refusal of a numbered request to the journal, in a record of its own: a copy of the request that comes late must find it, also
    /// after a crash. Under the shard's lock.
    /// </summary>
    public static void RecordRefusal(Unit unit, Shard home, WriterState writer, Refusal refusal, DateTimeOffset now)
    {
        var outcome = new WriterOutcome
        {
            Request = unit.Request,
            Sequence = home.LastSequence + 1,
            Fingerprint = unit.Fingerprint,
            Refusal = refusal,
        };
        using var record = new OutcomesRecord();
        record.Writer(unit.Writer, writer, outcomes: 1);
        record.Add(outcome);
        home.AppendOutcomes(record, now.UtcTicks);
        writer.Add(outcome);
    }

    /// <summary>Records a mutation of a part that was kept, and is applied now.</summary>
    public void RecordKept(UnitPart part, int index, in MutationPlan plan, ref RecordHeader header, DeltaWriter scratch)
    {
        ref var mutation = ref part.Mutations[index];
        mutation.ResultVersion = Number(mutation, plan);
        header.ProcessedMessages = mutation.ProcessedMessages;
        header.EventType = EventTypeOf(mutation);
        Record(part, index, plan, ref header, scratch);
    }

    private static string? EventTypeOf(in Mutation mutation) => mutation switch
    {
        { Repairs: true } when mutation.Kind == MutationKind.Remove || mutation.RestoredVersion is 0 or Mutation.NewestVersion => RepairedEvent,
        { Kind: MutationKind.Restore } => RollbackEvent.To(mutation.RestoredVersion),
        _ => mutation.Intent,
    };

    private static long Number(in Mutation mutation, in MutationPlan plan) => mutation.Kind switch
    {
        _ when plan.Repair is { } repair => plan.Entity!.Version = repair.Version + 1,
        MutationKind.Message => plan.Message!.Id,
        MutationKind.EndSession => plan.Entity!.Version,
        _ when plan.IsDeferred => plan.Entity!.Version,
        _ => ++plan.Entity!.Version,
    };

    /// <summary>Remembers what a numbered request has made.</summary>
    public static void Remember(Unit unit, WriterState? writer, long sequence, DeferredOverlay? overlay = null)
    {
        if (writer is null)
            return;
        overlay?.Writers.Add(unit.Writer);
        long[]? versions = null;
        if (unit.Mutations.Length > 1)
        {
            versions = new long[unit.Mutations.Length];
            for (var i = 0; i < versions.Length; i++)
                versions[i] = unit.Mutations[i].ResultVersion;
        }

        writer.Add(new WriterOutcome
        {
            Request = unit.Request,
            Sequence = sequence,
            Fingerprint = unit.Fingerprint,
            Version = unit.Mutations[0].ResultVersion,
            Versions = versions,
            Overlay = overlay,
        });
    }

    private void Record(Unit unit, int index, in MutationPlan plan, ref RecordHeader header, DeltaWriter scratch)
    {
        ref readonly var mutation = ref unit.Mutations[index];
        var (shard, entity) = (plan.Shard, plan.Entity!);
        if (plan.Repair is { } repair)
        {
            RecordRepair(shard, entity, repair, ref header, scratch);
            return;
        }

        RemoveProcessed(entity, mutation.ProcessedMessages);
        switch (mutation.Kind)
        {
            case MutationKind.Remove or MutationKind.Restore or MutationKind.Erase when plan.Removes:
                RecordRemoval(unit, index, plan, ref header);
                break;
            case MutationKind.Message:
                sessions.AddMessage(shard, entity, plan.Message!, ref header);
                break;
            case MutationKind.EndSession:
                sessions.End(shard, entity, SessionEndReason.Ended, ref header, isOwnWish: true);
                break;
            default:
                var delta = plan.Created ? Whole(entity.Document!, scratch) : plan.Delta.Span;
                header.Type = RecordType.Changed;
                var at = shard.Append(entity, ref header, delta, plan.Before);
                Push(unit, index, shard, entity, at, delta, removed: false);
                if (plan.Created)
                    entity.Document = Compact(entity.Document!, entity.Kind.Limits);
                if (plan.MergesOverlay)
                    EndOverlay(shard, entity, header.AtTicks);
                if (mutation.Kind == MutationKind.Restore)
                    entity.IsPrepared = false;
                if (plan.Unversioned is { } transient)
                    PushUnversioned(unit, shard, entity, transient);
                break;
        }
    }

    /// <summary>A new document as a delta of the empty one, so that replay and watchers know one way to build documents.</summary>
    public static ReadOnlySpan<byte> Whole(Document document, DeltaWriter scratch)
    {
        scratch.Reset();
        foreach (var (key, value) in document.Root)
            scratch.Set(Documents.Path.Root.Child(key), value);
        return scratch.WrittenSpan;
    }

    /// <summary>Writes an overlay to the journal, and so makes it a version. Under the shard's lock.</summary>
    public void RecordOverlay(Shard shard, Entity entity, DateTimeOffset now)
    {
        if (entity.Document is null || entity.Extras?.Overlay is not { } overlay)
            return;
        var delta = DeferredProperties.Sets(overlay);
        if (!delta.IsEmpty)
        {
            var before = shard.Copies.Before(entity, now.UtcTicks);
            Delta.Apply(entity.Document, delta.WrittenSpan, entity.Kind.Limits);
            entity.Version++;
            var header = new RecordHeader { Type = RecordType.Changed, AtTicks = now.UtcTicks, Actor = overlay.Actor };
            var at = shard.Append(entity, ref header, delta.WrittenSpan, before);
            sessions.Watches.PushOwn(shard, entity, at, delta.WrittenSpan);
        }

        EndOverlay(shard, entity, now.UtcTicks);
        shard.Database.WakeCommitter();
    }

    /// <summary>
    /// What the overlay held is in a record now. The outcomes of the requests that made it follow in the same segment: of the change and its outcome a
    /// crash leaves both or neither, and the request can be sent again.
    /// </summary>
    private static void EndOverlay(Shard shard, Entity entity, long atTicks)
    {
        if (entity.Extras?.Overlay is not { } overlay)
            return;
        entity.Extras.Overlay = null;
        if (overlay.Writers.Count == 0)
            return;
        using var record = new OutcomesRecord();
        shard.Writers.Journal(overlay, record, shard.LastSequence + 1);
        if (!record.Written.IsEmpty)
            shard.AppendOutcomes(record, atTicks);
    }

    /// <summary>Pushes a change that no record holds, and sees to it that a Deferred one gets its record within the save interval.</summary>
    private static void Defer(Unit unit, in MutationPlan plan, byte[] delta)
    {
        var entity = plan.Entity!;
        if (entity.Extras?.Overlay is { } overlay)
        {
            overlay.Actor = unit.Actor;
            if (!overlay.IsListed)
            {
                overlay.IsListed = true;
                plan.Shard.Overlaid.Add(entity);
            }
        }

        PushUnversioned(unit, plan.Shard, entity, delta);
    }

    private static void PushUnversioned(Unit unit, Shard shard, Entity entity, byte[] delta)
    {
        if (entity.Extras is not { Watchers: { Length: > 0 } watchers })
            return;
        shard.Pending.Push(watchers, new PushedChange { Key = entity.Key, OwnDelta = delta, Writer = unit.Writer, Request = unit.Request, Reason = unit.Reason }, entity);
    }

    /// <summary>The same document without room to grow and with shared key sets, which a document that was built step by step lacks: 150 bytes of 1,100.</summary>
    private static Document Compact(Document built, DocumentLimits limits) =>
        Document.TryDecode(built.ToBytes(), limits, out var compact) == DocumentError.None ? compact! : built;

    private void RecordRemoval(Unit unit, int index, in MutationPlan plan, ref RecordHeader header)
    {
        var (shard, entity) = (plan.Shard, plan.Entity!);
        var erases = unit.Mutations[index].Kind == MutationKind.Erase;
        entity.Document = null;
        header.Type = erases ? RecordType.Erased : RecordType.Removed;

        // What is erased is not kept whole: it is to be gone.
        var at = shard.Append(entity, ref header, default, erases ? null : plan.Before);
        if (erases)
            entity.NeedExtras().Erase(entity.Version, entity.Sequence);
        Push(unit, index, shard, entity, at, default, removed: true);
        EndOverlay(shard, entity, header.AtTicks);
        sessions.OnRemoved(shard, entity);
    }

    /// <summary>Nobody watches what can't be read, or holds its session: nobody is to be told.</summary>
    private static void RecordRepair(Shard shard, Entity entity, RepairBase repair, ref RecordHeader header, DeltaWriter scratch)
    {
        entity.Sequence = repair.Sequence;
        entity.Extras = repair.Extras;
        entity.IsPrepared = false;
        using var payload = new ByteBuffer();
        RepairRecord.Write(payload, repair.Extras, entity.Document is not null, entity.Document is { } made ? Whole(made, scratch) : default);
        header.Type = RecordType.Repaired;
        shard.Append(entity, ref header, payload.Written, before: null);
        repair.Extras.Keep(shard.Copies.Of(entity));
        if (entity.Document is { } document)
            entity.Document = Compact(document, entity.Kind.Limits);
    }

    private static void RemoveProcessed(Entity entity, long[]? processed)
    {
        if (processed is { Length: > 0 })
            entity.Extras!.Messages!.RemoveAll(message => processed.AsSpan().Contains(message.Id));
    }

    private void Push(Unit unit, int index, Shard shard, Entity entity, int at, ReadOnlySpan<byte> delta, bool removed)
    {
        if (entity.Extras is not { } extras || (extras.Watchers.Length == 0 && extras.Recent is null))
            return;
        var checksum = VersionChecksum.Of(entity);
        var isAsAsked = unit.Mutations[index].Kind == MutationKind.Delta && delta.SequenceEqual(unit.Mutations[index].Payload.Span);
        extras.Recent?.Add(new RecentDelta(entity.Version, delta.ToArray(), removed, unit.Writer, unit.Request, unit.IndexOf(index), isAsAsked, checksum, unit.Reason));
        if (extras.Watchers.Length == 0)
            return;
        shard.Pending.Push(extras.Watchers, new PushedChange
        {
            Key = entity.Key,
            Version = entity.Version,
            DeltaOffset = at,
            DeltaLength = delta.Length,
            Writer = unit.Writer,
            Request = unit.Request,
            Mutation = unit.IndexOf(index),
            IsAsAsked = isAsAsked,
            Removed = removed,
            Checksum = checksum,
            Reason = unit.Reason,
        });
    }
}
