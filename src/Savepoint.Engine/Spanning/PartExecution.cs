using Savepoint.Engine.Journal;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>
/// Prepares parts of units that are decided elsewhere. A part is carried out like a unit of its own up to its records: what these would be is kept instead, and its
/// entities are held until <see cref="PartDesk"/> ends it. Under the shard's lock.
/// </summary>
internal sealed class PartExecution(EngineContext context, MutationPlanner planner, MutationRecorder recorder)
{
    /// <summary>Looks whether a part is prepared already, or has ended: its request may have been delivered twice, or late.</summary>
    /// <returns>Null when it is to be prepared.</returns>
    public Verdict? Recall(UnitPart part, Shard shard, out Refusal? refusal)
    {
        refusal = null;
        if (shard.Units.FindPrepare(part.Id) is { IsOpen: true } prepare)
        {
            for (var i = 0; i < part.Mutations.Length; i++)
                part.Mutations[i].ResultVersion = prepare.Kept[i].Version;
            return UnitAnswers.Complete(part, shard, refusal: null);
        }

        if (shard.Units.HasEnded(part.Id))
            refusal = new Refusal(RefusalCode.Busy) { Detail = "the attempt at the unit has ended" };
        else if (shard.Units.Prepares >= context.Options.MaxPreparesPerShard)
            refusal = new Refusal(RefusalCode.Overloaded) { Detail = "too many units are prepared in the shard", RetryAfter = TimeSpan.FromSeconds(1) };
        return refusal is null ? null : Verdict.AnswerNow;
    }

    /// <summary>Checks and applies a part.</summary>
    /// <returns>Why it can't be prepared; null when it can.</returns>
    public Refusal? Plan(UnitPart part, UnitScratch scratch, DateTimeOffset now) => planner.Plan(part, scratch, now) ?? PlanWithoutOverlays(part, scratch, now);

    /// <summary>Keeps what a part will do, which was planned, and takes it back.</summary>
    public Verdict Keep(UnitPart part, Shard shard, UnitScratch scratch, DateTimeOffset now)
    {
        var prepare = new Prepare
        {
            Part = part,
            Kept = KeepAll(part, scratch),
            Sequence = part.IsJournaled ? shard.LastSequence + 1 : shard.LastSequence,
            AskAt = context.Now + context.Options.InDoubtAfter.Ticks,
        };
        if (part.IsJournaled)
        {
            using var record = new ByteBuffer();
            prepare.Write(record);
            shard.AppendOwn(RecordType.UnitPrepared, record.Written, now.UtcTicks);
        }

        shard.Units.Open(prepare);
        planner.TakeBack(scratch, part.Mutations.Length);
        return part.IsJournaled ? UnitAnswers.Complete(part, shard, refusal: null) : Verdict.AnswerNow;
    }

    /// <summary>
    /// What Deferred properties hold is journaled before their entity is held, as a version of its own: the outcomes of the requests that made it have to be
    /// durable with it, whatever becomes of the part. The part is checked again on top of that version.
    /// </summary>
    private Refusal? PlanWithoutOverlays(UnitPart part, UnitScratch scratch, DateTimeOffset now)
    {
        var plans = scratch.Plans.AsSpan(0, part.Mutations.Length);
        var hasOverlays = false;
        foreach (ref readonly var plan in plans)
            hasOverlays |= plan.Entity!.Extras?.Overlay is not null;
        if (!hasOverlays)
            return null;
        planner.TakeBack(scratch, part.Mutations.Length);
        for (var i = 0; i < plans.Length; i++)
        {
            var (shard, entity) = (plans[i].Shard, plans[i].Entity!);
            plans[i] = new MutationPlan { Shard = shard, Entity = entity };
            recorder.RecordOverlay(shard, entity, now);
            if (part.Mutations[i].ExpectedVersion > 0)
                part.Mutations[i].ExpectedVersion = entity.Version;
        }

        return planner.Plan(part, scratch, now);
    }

    private static KeptMutation[] KeepAll(UnitPart part, UnitScratch scratch)
    {
        var kept = new KeptMutation[part.Mutations.Length];
        for (var i = 0; i < kept.Length; i++)
        {
            ref readonly var plan = ref scratch.Plans[i];
            kept[i] = new KeptMutation
            {
                Version = VersionOf(part, i, plan),
                Delta = plan.Created ? MutationRecorder.Whole(plan.Entity!.Document!, scratch.Delta).ToArray() : plan.Delta.ToArray(),
                Removes = plan.Removes,
                Message = plan.Message,
                Unversioned = plan.Unversioned,
            };
            part.Mutations[i].ResultVersion = kept[i].Version;
        }

        return kept;
    }

    private static long VersionOf(UnitPart part, int index, in MutationPlan plan) => part.Mutations[index].Kind switch
    {
        MutationKind.Message => plan.Message!.Id,
        MutationKind.EndSession => part.EndVersion(index, plan.Entity!.Version),
        _ => plan.Entity!.Version + 1,
    };
}
