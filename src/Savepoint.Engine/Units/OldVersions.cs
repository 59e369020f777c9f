using Savepoint.Engine.Entities;
using Savepoint.Engine.Reading;

namespace Savepoint.Engine.Units;

/// <summary>The old versions that units bring back, and what their repairs go on from: read before a unit is carried out, and kept with its mutations until then.</summary>
/// <param name="context">The engine.</param>
/// <param name="read">Reads a version.</param>
/// <param name="resume">Goes on with a unit once something of it was read.</param>
internal sealed class OldVersions(EngineContext context, Action<EntityReading> read, Action<Unit> resume)
{
    /// <summary>Whether something is still to be read.</summary>
    public static bool AreMissing(Unit unit) => IndexOfMissing(unit) >= 0;

    /// <summary>Reads the first that is missing, and goes on with the unit. Not under a lock: what is in memory is answered at once.</summary>
    public void ReadMissing(Unit unit)
    {
        var index = IndexOfMissing(unit);
        ref readonly var mutation = ref unit.Mutations[index];
        if (mutation.Repairs)
        {
            _ = ReadForRepairAsync(unit, index);
            return;
        }

        read(new OldVersionReading(unit, index, resume) { Key = mutation.Key, Version = mutation.RestoredVersion });
    }

    /// <summary>Whoever keeps the object keeps no documents with it.</summary>
    public static void Forget(Unit unit)
    {
        foreach (ref var mutation in unit.Mutations.AsSpan())
            mutation.Old = null;
    }

    /// <summary>What could not be read may be by now. What was read never changes.</summary>
    public static void ForgetFailed(Unit unit)
    {
        foreach (ref var mutation in unit.Mutations.AsSpan())
        {
            if (mutation.Old is { Refusal.IsTransient: true })
                mutation.Old = null;
        }
    }

    private async Task ReadForRepairAsync(Unit unit, int index)
    {
        var shard = context.ShardOf(unit.Mutations[index].Key);
        Entity? entity;
        lock (shard.Gate)
            entity = shard.Find(unit.Mutations[index].Key);

        // One that was dropped meanwhile is loaded again.
        if (entity is not null)
            unit.Mutations[index].Old = await new RepairReading(shard, entity, unit.Mutations[index]).ReadAsync();
        resume(unit);
    }

    private static int IndexOfMissing(Unit unit)
    {
        for (var i = 0; i < unit.Mutations.Length; i++)
        {
            if (unit.Mutations[i] is { Kind: MutationKind.Restore, Old: null } or { Repairs: true, Old: null })
                return i;
        }

        return -1;
    }
}
