using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>A unit that is being brought to its end, by one attempt after the other. Its home shard stays the one of this ownership.</summary>
/// <param name="unit">The unit.</param>
/// <param name="home">The shard of its first mutation.</param>
internal sealed class Undertaking(Unit unit, Shard home)
{
    public Unit Unit => unit;

    public Shard Home => home;

    /// <summary>Requests that wait for its outcome: the same one again, and later ones of its writer. Guarded by the home shard's lock.</summary>
    public List<Unit> Waiting { get; } = [];

    /// <summary>Whether a request is the same one again.</summary>
    public bool IsCopy(Unit other) => other.Request == unit.Request;

    /// <summary>Whether another request of its writer has to wait for it.</summary>
    public bool IsAheadOf(Unit other) => IsCopy(other) || (other.Request > unit.Request && HasInCommonWith(other));

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
