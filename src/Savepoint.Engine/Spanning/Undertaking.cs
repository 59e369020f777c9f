using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>A unit that is being brought to its end, by one attempt after the other. Its home shard stays the one of this ownership.</summary>
/// <param name="unit">The unit.</param>
/// <param name="home">The shard of its first mutation.</param>
internal sealed class Undertaking(Unit unit, Shard home)
{
    // By mutation: the version at which a part of an earlier attempt found its entity; 0 for none.
    private long[]? _found;

    public Unit Unit => unit;

    public Shard Home => home;

    /// <summary>Requests that wait for its outcome: the same one again, and later ones of its writer. Guarded by the home shard's lock.</summary>
    public List<Unit> Waiting { get; } = [];

    /// <summary>
    /// Notes what a part was prepared on top of. That may be the version behind the one that the unit expects, which holds what its Deferred properties held
    /// then: a later attempt, for which there is nothing left to journal, has to expect that one.
    /// </summary>
    public void Found(UnitPart part, long[] versions)
    {
        for (var i = 0; i < part.Mutations.Length; i++)
        {
            if (part.Mutations[i] is { ExpectedVersion: > 0, Kind: not (MutationKind.Message or MutationKind.EndSession) })
                (_found ??= new long[unit.Mutations.Length])[part.Indexes[i]] = versions[i] - 1;
        }
    }

    /// <summary>Has a part expect what an earlier attempt found.</summary>
    public UnitPart Expecting(UnitPart part)
    {
        for (var i = 0; _found is not null && i < part.Mutations.Length; i++)
        {
            if (_found[part.Indexes[i]] is > 0 and var version)
                part.Mutations[i].ExpectedVersion = version;
        }

        return part;
    }

    /// <summary>Whether a request is the same one again.</summary>
    public bool IsCopy(Unit other) => other.Request == unit.Request;

    /// <summary>Whether another request of its writer has to wait for it.</summary>
    public bool IsAheadOf(Unit other) => IsCopy(other) || (BatchPart.OrderOf(other.Request) > BatchPart.OrderOf(unit.Request) && HasInCommonWith(other));

    private bool HasInCommonWith(Unit other)
    {
        foreach (ref readonly var mutation in unit.Mutations.AsSpan())
        {
            foreach (ref readonly var later in other.Mutations.AsSpan())
            {
                if (mutation.Key == later.Key)
                    return true;
            }
        }

        return false;
    }
}
