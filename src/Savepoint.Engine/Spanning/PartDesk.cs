using Savepoint.Documents;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Recovery;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>
/// A shard's side of units that are decided elsewhere: carries out or forgets the parts that <see cref="PartExecution"/> has prepared, when it is told. All
/// answers, also that there is nothing to end, wait for a commit of the shard: a former owner, who knows nothing of what its successors have prepared, can't give
/// any.
/// </summary>
internal sealed class PartDesk(EngineContext context, MutationRecorder recorder, EntityLoader loader)
{
    /// <summary>Ends a part, at once or when its entities are in memory.</summary>
    public void End(PartEnding ending)
    {
        var shard = context.Shards[ending.Shard];
        Prepare? released = null;
        Refusal? refusal;
        lock (shard.Gate)
        {
            shard = context.Shards[ending.Shard];
            refusal = TryLetGo(ending, shard, ref released) ? null : context.ServingRefusal(shard) ?? End(ending, shard, ref released);
        }

        if (refusal is not null)
            ending.Fail(refusal);
        if (released is not null)
            shard.Units.Held.Drain(shard, released);
    }

    /// <summary>
    /// Whether a part's entities are as they were when it was prepared, as they always should be: else it is a fault, and nothing of it is carried out. Under
    /// the shard's lock.
    /// </summary>
    public bool Fits(Shard shard, Prepare prepare)
    {
        var mutations = prepare.Part.Mutations;
        for (var i = 0; i < mutations.Length; i++)
        {
            var entity = shard.Find(mutations[i].Key)!;
            var next = mutations[i].Kind switch
            {
                MutationKind.Message => (entity.Extras?.LastMessage ?? 0) + 1,
                MutationKind.EndSession => prepare.Part.EndVersion(i, entity.Version),
                _ => entity.Version + 1,
            };
            if (next == prepare.Kept[i].Version)
                continue;
            context.Report(new InvalidOperationException($"{mutations[i].Key} was to get version {prepare.Kept[i].Version} and would get {next}."));
            return false;
        }

        return true;
    }

    /// <summary>Carries a part out. Under the shard's lock; its entities are in memory, as they were when it was prepared.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="prepare">The part, which is open.</param>
    /// <param name="outcomeOf">The unit whose outcome rides on the first record; null where another shard has it.</param>
    /// <param name="now">When.</param>
    public void Carry(Shard shard, Prepare prepare, Unit? outcomeOf, DateTimeOffset now)
    {
        var (part, replay) = (prepare.Part, new RecordReplay());
        var header = new RecordHeader { AtTicks = now.UtcTicks, Actor = part.Actor, Reason = part.Reason, CorrelationId = part.CorrelationId };
        for (var i = 0; i < part.Mutations.Length; i++)
        {
            header.OutcomeOf = i == 0 ? outcomeOf : null;
            recorder.RecordKept(part, i, Apply(shard, part.Mutations[i], prepare.Kept[i], replay, now), ref header, shard.Scratch.Delta);
        }

        PrepareRestored(shard, part);

        shard.Scratch.Delta.Reset();
    }

    /// <summary>
    /// An old version that was brought back is migrated at once. Nothing else is while it is held, since what was prepared fits the version from before: that is
    /// for whoever asks next.
    /// </summary>
    private void PrepareRestored(Shard shard, UnitPart part)
    {
        foreach (ref readonly var mutation in part.Mutations.AsSpan())
        {
            if (mutation.Kind == MutationKind.Restore && shard.Find(mutation.Key) is { } entity)
                _ = context.Preparer.Prepare(shard, entity, isPartOfUnit: true);
        }
    }

    /// <summary>What is held without a record is known to nobody else: it is let go of also while nothing can be committed.</summary>
    private static bool TryLetGo(PartEnding ending, Shard shard, ref Prepare? released)
    {
        if (shard.Units.FindPrepare(ending.Id) is not { Part.IsJournaled: false } prepare)
            return false;
        shard.Units.End(prepare, endSequence: 0);
        released = prepare;
        ending.Run();
        return true;
    }

    /// <returns>Why it can't be ended now; null when it is, or waits.</returns>
    private Refusal? End(PartEnding ending, Shard shard, ref Prepare? released)
    {
        var prepare = shard.Units.FindPrepare(ending.Id);
        var now = context.Time.GetUtcNow();
        if (prepare is { IsOpen: true } && ending.Versions is { } versions && versions.AsSpan().SequenceEqual(prepare.Versions))
        {
            if (!AreInMemory(shard, prepare, ending, out var refusal))
                return refusal;
            if (!Fits(shard, prepare))
                return new Refusal(RefusalCode.Unavailable) { Detail = "what was prepared does not fit its entities" };
            Carry(shard, prepare, outcomeOf: null, now);
        }

        shard.Units.NoteEnded(ending.Id);
        if (prepare is null || prepare.IsOpen)
            AppendEnd(shard, ending, prepare, now, ref released);
        shard.Then(ending);
        return null;
    }

    /// <summary>
    /// Says in the journal that the part has ended, also where there was none: then the record proves that this node owned the shard after it was asked.
    /// One whose versions are not those of the decision was prepared by a copy of the request that came after the first had been carried out: it is
    /// forgotten.
    /// </summary>
    private static void AppendEnd(Shard shard, PartEnding ending, Prepare? prepare, DateTimeOffset now, ref Prepare? released)
    {
        if (prepare is not null || ending.Versions is not null)
            shard.AppendOwn(RecordType.PrepareEnded, ending.Id.ToByteArray(), now.UtcTicks);
        if (prepare is null)
            return;
        shard.Units.End(prepare, shard.LastSequence);
        released = prepare;
    }

    private bool AreInMemory(Shard shard, Prepare prepare, PartEnding ending, out Refusal? refusal)
    {
        refusal = null;
        EntityKey? missing = null;
        foreach (ref readonly var mutation in prepare.Part.Mutations.AsSpan())
        {
            if (shard.Find(mutation.Key) is not { } entity)
            {
                missing ??= mutation.Key;
                refusal = loader.Begin(shard, mutation.Key);
            }
            else if (entity.Extras?.QuarantineError is { } error)
            {
                refusal = new Refusal(RefusalCode.Unavailable) { Key = mutation.Key, Detail = error };
            }

            if (refusal is not null)
                return false;
        }

        if (missing is { } key)
            refusal = loader.Wait(shard, key, ending);
        return missing is null;
    }

    private static MutationPlan Apply(Shard shard, in Mutation mutation, in KeptMutation kept, RecordReplay replay, DateTimeOffset now)
    {
        var entity = shard.Find(mutation.Key)!;
        var plan = new MutationPlan { Shard = shard, Entity = entity, Removes = kept.Removes, Message = kept.Message };
        if (mutation.Kind is MutationKind.Message or MutationKind.EndSession)
            return plan;
        plan.KeepBefore(now);
        if (kept.Removes)
            return plan;
        plan.Created = entity.Document is null;
        plan.Delta = kept.Delta;
        plan.Unversioned = kept.Unversioned;
        replay.Apply(entity.Document ??= new Document(), kept.Delta);

        // It may have been made by a program of another template version. Loaded hooks leave alone what has just been made, as they do everywhere.
        if (plan.Created)
            entity.IsPrepared = HookRun.TemplateVersionOf(entity.Document) == entity.Kind.TemplateVersion;
        return plan;
    }
}
