using Savepoint.Engine.Shards;
using Savepoint.Engine.Writers;

namespace Savepoint.Engine.Units;

/// <summary>Finds what became, or is becoming, of earlier copies of a numbered request (I4). Under the lock of the home shard.</summary>
internal sealed class EarlierOutcomes(EngineContext context)
{
    /// <summary>Looks for an earlier outcome of the same request; where an earlier copy spans several nodes or databases and is under way, the unit waits for its.</summary>
    /// <returns>Null when there is none and the unit is to be carried out.</returns>
    public Verdict? FindOrJoin(Unit unit, Shard home, out WriterState? writer, out Refusal? refusal)
    {
        if (Find(unit, home, out writer, out refusal) is { } found)
            return found;
        if (writer is null || !home.Units.TryJoin(unit))
            return null;
        writer.Park(unit.Request);
        return Verdict.Parked;
    }

    /// <summary>Looks for an earlier outcome of the same request, and takes up what the writer has received.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="home">The shard of its first mutation.</param>
    /// <param name="writer">Who numbers the request; null where nobody does, or where there is no room for another writer.</param>
    /// <param name="refusal">The answer; null for success.</param>
    /// <returns>Null when there is none and the unit is to be carried out.</returns>
    public Verdict? Find(Unit unit, Shard home, out WriterState? writer, out Refusal? refusal)
    {
        (writer, refusal) = (null, null);
        if (unit.Writer == Guid.Empty)
            return null;
        refusal = home.Writers.Admit(unit.Writer, context.CoarseNow, out writer);
        if (refusal is not null)
            return Verdict.AnswerNow;

        writer.Received(unit.ReceivedThrough);
        var request = BatchPart.RequestOf(unit.Request);
        if (request <= writer.ReceivedThrough)
        {
            refusal = new Refusal(RefusalCode.RequestForgotten);
            return Verdict.AnswerNow;
        }

        if (writer.TryFind(unit.Request, out var outcome))
            return Repeat(unit, home, outcome, out refusal);

        // The oldest request that has no outcome is never refused for the outcomes behind it: only its own lets the writer say that it has received them.
        var isOldest = request == writer.ReceivedThrough + 1;
        if (isOldest || home.Writers.CheckRoom(writer) is not { } full || writer.MayBeWaiting(unit.Request))
            return null;
        refusal = full;
        return Verdict.AnswerNow;
    }

    private static Verdict Repeat(Unit unit, Shard home, in WriterOutcome outcome, out Refusal? refusal)
    {
        refusal = outcome.Refusal;
        var versions = outcome.Versions?.Length ?? 1;
        if (outcome.Fingerprint != unit.Fingerprint || (refusal is null && versions != unit.Mutations.Length))
        {
            refusal = new Refusal(RefusalCode.RequestReused);
        }
        else if (refusal is null)
        {
            for (var i = 0; i < versions; i++)
                unit.Mutations[i].ResultVersion = outcome.Versions?[i] ?? outcome.Version;
        }
        else if (refusal.Key.Kind is null && refusal.Mutation < unit.Mutations.Length)
        {
            // It was read back: what the request itself says is not remembered with it.
            ref readonly var refused = ref unit.Mutations[refusal.Mutation];
            refusal = refusal with
            {
                Key = refused.Key,
                ExpectedVersion = refusal.Code == RefusalCode.VersionMismatch ? refused.ExpectedVersion ?? 0 : 0,
            };
        }

        return outcome.Sequence <= home.CommittedSequence ? Verdict.AnswerNow : UnitAnswers.Queue(unit, home, ref refusal);
    }
}
