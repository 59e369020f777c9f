using Savepoint.Engine.Loading;
using Savepoint.Engine.Writers;

namespace Savepoint.Engine.Units;

/// <summary>Finds the entities of a unit: in memory, not held by another, and prepared for anybody to see. Under the locks of the shards concerned.</summary>
internal sealed class UnitEntities(EngineContext context, EntityLoader loader)
{
    /// <summary>Finds all of them, for the plans of the unit.</summary>
    /// <returns>False when the unit has to wait for one; or, with a refusal, when it can't have one.</returns>
    public bool TryFind(Unit unit, in UnitShards shards, Span<MutationPlan> plans, WriterState? writer, out Refusal? refusal)
    {
        refusal = null;
        var (missing, held, unprepared) = (-1, -1, false);
        for (var i = 0; i < unit.Mutations.Length; i++)
        {
            ref var plan = ref plans[i];
            plan.Shard = shards[i];
            plan.Entity = plan.Shard.Find(unit.Mutations[i].Key);
            if (plan.Entity is not null)
            {
                if (held < 0 && plan.Shard.Units.Held.IsClosedTo(unit.Mutations[i].Key, unit))
                    held = i;
                unprepared |= !plan.Entity.IsPrepared;
                continue;
            }

            refusal = loader.Begin(plan.Shard, unit.Mutations[i].Key);
            if (refusal is not null)
                return false;
            if (missing < 0)
                missing = i;
        }

        if (missing < 0 && held < 0)
            return !unprepared || TryPrepare(unit, plans, out refusal);
        if (missing >= 0)
            refusal = loader.Wait(plans[missing].Shard, unit.Mutations[missing].Key, unit, writer?.MayBeWaiting(unit.Request) == true);
        else
            refusal = context.WaitForHeld(plans[held].Shard, unit.Mutations[held].Key, unit, writer?.MayBeWaiting(unit.Request) == true);
        return false;
    }

    /// <summary>An old version that was brought back is migrated at once; that this succeeds was tried before.</summary>
    public void PrepareRestored(Unit unit, ReadOnlySpan<MutationPlan> plans)
    {
        for (var i = 0; i < unit.Mutations.Length; i++)
        {
            if (unit.Mutations[i].Kind == MutationKind.Restore)
                _ = context.Preparer.Prepare(plans[i].Shard, plans[i].Entity!, isPartOfUnit: true);
        }
    }

    private bool TryPrepare(Unit unit, ReadOnlySpan<MutationPlan> plans, out Refusal? refusal)
    {
        refusal = null;
        for (var i = 0; i < unit.Mutations.Length; i++)
        {
            // What no hook can deal with can be erased all the same.
            if (unit.Mutations[i].Kind == MutationKind.Erase || context.Preparer.Prepare(plans[i].Shard, plans[i].Entity!) is not { } unprepared)
                continue;
            if (unit.Mutations[i].Repairs && unprepared.Code == RefusalCode.HookFailed)
                continue;
            refusal = unprepared with { Mutation = i, Key = unit.Mutations[i].Key };
            return false;
        }

        return true;
    }
}
