using Savepoint.Engine.Entities;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Writers;

namespace Savepoint.Engine.Units;

/// <summary>
/// Decides when a unit is answered: once the newest state that it has looked at is durable, and the refusal of a numbered request once it is journaled itself
/// (I2, I4). Under the locks of the shards concerned.
/// </summary>
internal static class UnitAnswers
{
    /// <summary>Refuses a unit that was tried and could not be carried out.</summary>
    public static Verdict Refuse(
        Unit unit, ref Refusal? refusal, Shard home, WriterState? writer, ReadOnlySpan<MutationPlan> plans, DateTimeOffset now)
    {
        if (writer is not null && !refusal!.IsTransient)
        {
            // That there is room was checked before the unit was tried.
            MutationRecorder.RecordRefusal(unit, home, writer, refusal, now);
            return Complete(unit, home, refusal);
        }

        var isDurable = true;
        foreach (ref readonly var plan in plans)
            isDurable &= plan.Entity is null || plan.Shard.IsCommitted(plan.Entity);
        return isDurable ? Verdict.AnswerNow : Queue(unit, home, ref refusal);
    }

    /// <summary>Refuses a unit whose entities can't be had, so that a copy of a numbered one that comes late is refused as well.</summary>
    public static Verdict RefuseUnprepared(Unit unit, ref Refusal? refusal, Shard home, WriterState? writer, ReadOnlySpan<MutationPlan> plans)
    {
        if (writer is not null && Overload.Refuses(unit, home.Database, writer))
            refusal = Overload.TooMuchWaits;
        return Refuse(unit, ref refusal, home, writer, plans, home.Context.Time.GetUtcNow());
    }

    /// <summary>Lets an answer wait for the next commit, where there is room for it.</summary>
    public static Verdict Queue(Unit unit, Shard home, ref Refusal? refusal)
    {
        if (Overload.Refuses(unit, home.Database))
        {
            refusal = Overload.TooMuchWaits;
            return Verdict.AnswerNow;
        }

        return Complete(unit, home, refusal);
    }

    /// <summary>Lets an answer wait for the next commit, however much waits.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="home">The shard of its first mutation.</param>
    /// <param name="refusal">The answer.</param>
    /// <param name="lookedAt">The entity whose overlay was all that it changed; null where there are records.</param>
    public static Verdict Complete(Unit unit, Shard home, Refusal? refusal, Entity? lookedAt = null)
    {
        home.Pending.Complete(unit, refusal, lookedAt);
        home.Database.Counters.AddQueuedUnits(1);
        return Verdict.Queued;
    }
}
